/**
 * What happens in the instance, or in one chat, as it happens. Of all tabs of a person one has the stream and passes on
 * what comes, because browsers open only a few connections to a host.
 */
import { Emitter } from './store.js';

/** @typedef {import('./api.js').ChatEvent} ChatEvent */

/** The types of events that the page uses. */
const TYPES = ['message.sent', 'chat.read', 'webhook.disabled'];
/** The longest pause between two attempts to connect, in milliseconds. */
const LONGEST_PAUSE = 30_000;
/** A stream that is older than this is replaced when the reader comes back: the connection may have died unnoticed. */
const STALE = 60_000;

export class Live extends Emitter {
  /** @type {'connecting' | 'open' | 'lost'} */
  state = 'connecting';

  #url;
  #channel;
  /** @type {EventSource | null} */
  #source = null;
  #leading = false;
  /** The position after which the next stream starts. @type {string | null} */
  #after = null;
  #failures = 0;
  #openedAt = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {() => void} */
  #release = () => {};
  #stopped = new AbortController();
  /** @type {Set<(event: ChatEvent) => void>} */
  #readers = new Set();
  /** @type {Set<() => void>} */
  #gaps = new Set();
  #checkSession;

  /**
   * @param {string} url of the stream
   * @param {string} name the same in all tabs that may share the stream, and in no others
   * @param {() => void} checkSession called when the stream does not open
   */
  constructor(url, name, checkSession) {
    super();
    this.#url = url;
    this.#checkSession = checkSession;
    this.#channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
    const back = () => {
      if (document.visibilityState === 'visible') this.#wake();
    };
    addEventListener('online', back, { signal: this.#stopped.signal });
    document.addEventListener('visibilitychange', back, { signal: this.#stopped.signal });
    if (this.#channel && navigator.locks) {
      this.#channel.postMessage({ ask: true });
      navigator.locks
        .request(name, { signal: this.#stopped.signal }, () => {
          this.#lead();
          return new Promise((resolve) => (this.#release = () => resolve(undefined)));
        })
        .catch(() => {});
    } else {
      this.#lead();
    }
  }

  /**
   * @param {(event: ChatEvent) => void} reader gets each event
   * @param {() => void} gap called when events may have been missed: read again what is shown
   * @returns {() => void} ends it
   */
  follow(reader, gap) {
    this.#readers.add(reader);
    this.#gaps.add(gap);
    return () => {
      this.#readers.delete(reader);
      this.#gaps.delete(gap);
    };
  }

  stop() {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#release();
    this.#channel?.close();
  }

  #lead() {
    this.#leading = true;
    this.#connect();
  }

  #connect() {
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#source?.close();
    const url = new URL(this.#url);
    if (this.#after) url.searchParams.set('after', this.#after);
    const source = (this.#source = new EventSource(url));
    let opened = false;
    source.addEventListener('stream.opened', (event) => {
      opened = true;
      this.#failures = 0;
      this.#openedAt = Date.now();
      const resumed = this.#after !== null;
      this.#after = event.lastEventId || this.#after;
      this.#change('open');
      if (!resumed) this.#gap();
    });
    for (const type of TYPES) {
      source.addEventListener(type, (event) => this.#take(JSON.parse(event.data)));
    }
    source.onerror = () => {
      source.close();
      if (this.#source !== source) return;
      this.#source = null;
      this.#failures++;
      // A stream may end at any time; only if it does not come back at once is that worth a word.
      if (this.#failures > 1 || !opened) this.#change('lost');
      if (!opened) this.#checkSession();
      // The service may not know the position any more, for example after it was restored from a copy.
      if (this.#failures > 3 && navigator.onLine) this.#after = null;
      const pause = opened ? 200 : Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(this.#failures - 1, 5));
      this.#timer = setTimeout(() => this.#connect(), pause * (0.75 + Math.random() / 2));
    };
  }

  #wake() {
    if (!this.#leading) {
      this.#channel?.postMessage({ wake: true });
    } else if (!this.#source || Date.now() - this.#openedAt > STALE) {
      this.#connect();
    }
  }

  /** @param {any} said by another tab */
  #hear(said) {
    if (said.event) {
      this.#after = said.event.id;
      this.#pass(said.event);
    }
    if (said.after) this.#after = said.after;
    if (said.state && said.state !== this.state) {
      this.state = said.state;
      this.changed();
    }
    if (said.gap) for (const gap of this.#gaps) gap();
    if (this.#leading && said.ask) this.#channel?.postMessage({ state: this.state, after: this.#after });
    if (this.#leading && said.wake) this.#wake();
  }

  /** @param {ChatEvent} event */
  #take(event) {
    this.#after = event.id;
    this.#channel?.postMessage({ event });
    this.#pass(event);
  }

  /** @param {ChatEvent} event */
  #pass(event) {
    for (const reader of this.#readers) reader(event);
  }

  #gap() {
    this.#channel?.postMessage({ gap: true });
    for (const gap of this.#gaps) gap();
  }

  /** @param {'open' | 'lost'} state */
  #change(state) {
    this.#channel?.postMessage({ state, after: this.#after });
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}
