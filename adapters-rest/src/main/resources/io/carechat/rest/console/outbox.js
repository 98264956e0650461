/**
 * Messages that were written and are not sent yet, and drafts. They are kept in this browser, each for one person, one
 * instance and one chat. A message keeps its idempotency key until the service has confirmed it, so that it is stored
 * exactly once, whatever is reloaded, repeated or cut off meanwhile, and in however many tabs.
 */
import { basePath } from './router.js';
import { ApiError } from './api.js';
import { Emitter, keep } from './store.js';
import { randomId } from './text.js';

/** @typedef {import('./api.js').Message} Message */

/**
 * @typedef {object} Unsent
 * @property {string} id its place in the order
 * @property {string} key the idempotency key
 * @property {string} text
 * @property {number} at when it was written
 * @property {Refusal} [refused] set if the service will never take it
 */
/** @typedef {{status: number, code: string}} Refusal */
/** @typedef {(patientId: string, text: string, key: string) => Promise<Message>} Send */

const LONGEST_PAUSE = 60_000;
let lastTime = 0;

/** A name that is later in the alphabet than all names before it. */
function nextName() {
  lastTime = Math.max(Date.now(), lastTime + 1);
  return `${lastTime.toString(36).padStart(9, '0')}-${randomId().slice(0, 8)}`;
}

/** What one person has not sent yet in one chat. */
export class Outbox extends Emitter {
  /** The id of the message that is being sent. @type {string | null} */
  sending = null;
  /** Why the last attempt failed; null if none did. @type {ApiError | null} */
  fault = null;
  /** A message of the stream that is the one being sent; its answer is still under way. @type {string | null} */
  arrived = null;

  #prefix;
  #patientId;
  #send;
  #onSent;
  #running = false;
  #again = false;
  #failures = 0;
  /** @type {number | undefined} */
  #timer;
  #stopped = false;

  /**
   * @param {string} prefix of what is kept
   * @param {string} patientId
   * @param {Send} send
   * @param {(patientId: string, message: Message) => void} onSent
   */
  constructor(prefix, patientId, send, onSent) {
    super();
    this.#prefix = prefix;
    this.#patientId = patientId;
    this.#send = send;
    this.#onSent = onSent;
  }

  /** @returns {Unsent[]} in the order in which they were written */
  get items() {
    /** @type {Unsent[]} */
    const items = [];
    for (const key of keep.keys(this.#prefix)) {
      try {
        items.push(JSON.parse(keep.get(key) ?? ''));
      } catch {
        // Removed by another tab meanwhile.
      }
    }
    return items;
  }

  /** @param {string} text */
  add(text) {
    const id = nextName();
    this.#write({ id, key: randomId(), text, at: Date.now() });
    this.changed();
    void this.run();
  }

  /** @param {Unsent} item */
  #write(item) {
    keep.set(this.#prefix + item.id, JSON.stringify(item));
  }

  /**
   * Gives a message up. It may have been stored all the same, if the last attempt was cut off.
   *
   * @param {string} id
   */
  remove(id) {
    keep.remove(this.#prefix + id);
    if (this.items.length === 0) this.fault = null;
    this.changed();
  }

  /** Tries again at once. */
  retry() {
    clearTimeout(this.#timer);
    this.#failures = 0;
    return this.run();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Sends what there is, one after the other. One tab does it at a time; another one only if that ends. */
  async run() {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        if (this.#next()) await exclusively(this.#prefix, () => this.#sendAll());
      }
    } finally {
      this.#running = false;
    }
  }

  #next() {
    return this.items.find((item) => !item.refused);
  }

  async #sendAll() {
    for (let item = this.#next(); item && !this.#stopped; item = this.#next()) {
      this.sending = item.id;
      this.arrived = null;
      this.changed();
      try {
        const message = await this.#send(this.#patientId, item.text, item.key);
        keep.remove(this.#prefix + item.id);
        this.fault = null;
        this.#failures = 0;
        this.sending = null;
        this.#onSent(this.#patientId, message);
      } catch (fault) {
        this.sending = null;
        if (!(fault instanceof ApiError)) throw fault;
        if (fault.temporary) {
          this.fault = fault;
          this.#again = false;
          // Who has to sign in again starts anew then.
          if (fault.status !== 401) this.#later(fault.retryAfter);
          this.changed();
          return;
        }
        const { status, code } = fault;
        // It may have been deleted meanwhile.
        if (keep.get(this.#prefix + item.id) !== null) this.#write({ ...item, refused: { status, code } });
      }
      this.changed();
    }
  }

  /** @param {number} atLeast seconds */
  #later(atLeast) {
    const pause = Math.min(LONGEST_PAUSE, 2000 * 2 ** Math.min(this.#failures++, 6));
    const time = Math.max(pause * (0.75 + Math.random() / 2), atLeast * 1000);
    this.#timer = setTimeout(() => void this.run(), time);
  }

  /**
   * Notes a message of the stream: if it is the one being sent, it need not be shown twice until the answer is here.
   *
   * @param {Message} message that this person sent
   */
  hear(message) {
    if (this.sending && this.#next()?.text === message.message) {
      this.arrived = this.sending;
      this.changed();
    }
  }
}

/**
 * Does something while no other tab does it.
 *
 * @param {string} name
 * @param {() => Promise<void>} work
 */
async function exclusively(name, work) {
  // Without locks (a page without TLS) two tabs may send the same, which the idempotency key makes harmless.
  if (!globalThis.navigator?.locks) return work();
  await navigator.locks.request(name, work);
}

/** Everything that one person has not sent in one instance. */
export class Outboxes extends Emitter {
  #scope;
  #send;
  /** @type {Set<(patientId: string, message: Message) => void>} */
  #followers = new Set();
  /** @type {Map<string, Outbox>} */
  #outboxes = new Map();
  #stopped = new AbortController();

  /**
   * @param {import('./session.js').SignedIn} person
   * @param {Send} send
   */
  constructor(person, send) {
    super();
    this.#scope = `${basePath}${person.tenantName}/${person.instanceName}/${person.clientType}/${person.id}/`;
    this.#send = send;
    const options = { signal: this.#stopped.signal };
    addEventListener('online', () => this.#outboxes.forEach((outbox) => void outbox.retry()), options);
    addEventListener('storage', (event) => this.#stored(event.key), options);
    for (const key of keep.keys(this.#out)) void this.of(this.#patientOf(key)).run();
  }

  get #out() {
    return `carechat:out:${this.#scope}`;
  }

  /** @param {string} key */
  #patientOf(key) {
    return key.slice(this.#out.length).split('/')[0];
  }

  /** @param {string} patientId */
  of(patientId) {
    let outbox = this.#outboxes.get(patientId);
    if (!outbox) {
      outbox = new Outbox(`${this.#out}${patientId}/`, patientId, this.#send, (patient, message) =>
        this.#followers.forEach((follower) => follower(patient, message)),
      );
      outbox.subscribe(() => this.changed());
      this.#outboxes.set(patientId, outbox);
    }
    return outbox;
  }

  /**
   * Calls a follower with each message that was sent, until the returned function is called.
   *
   * @param {(patientId: string, message: Message) => void} follower
   */
  follow(follower) {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /**
   * Another tab has changed something.
   *
   * @param {string | null} key
   */
  #stored(key) {
    if (!key?.startsWith(this.#out)) return;
    const outbox = this.of(this.#patientOf(key));
    outbox.changed();
    void outbox.run();
  }

  /** @param {string} patientId */
  #draftKey(patientId) {
    return `carechat:draft:${this.#scope}${patientId}`;
  }

  /** @param {string} patientId */
  draft(patientId) {
    return keep.get(this.#draftKey(patientId)) ?? '';
  }

  /**
   * @param {string} patientId
   * @param {string} text
   */
  saveDraft(patientId, text) {
    const had = this.draft(patientId) !== '';
    if (text === '') keep.remove(this.#draftKey(patientId));
    else keep.set(this.#draftKey(patientId), text);
    if (had !== (text !== '')) this.changed();
  }

  /** The patients whom something was written to that is not sent. */
  patients() {
    const drafts = this.#draftKey('');
    return {
      unsent: new Set(keep.keys(this.#out).map((key) => this.#patientOf(key))),
      drafts: new Set(keep.keys(drafts).map((key) => key.slice(drafts.length))),
    };
  }

  /** How many messages and drafts there are. */
  get count() {
    return keep.keys(this.#out).length + keep.keys(this.#draftKey('')).length;
  }

  /** Deletes all of them. */
  clear() {
    for (const key of [...keep.keys(this.#out), ...keep.keys(this.#draftKey(''))]) keep.remove(key);
    this.changed();
  }

  stop() {
    this.#stopped.abort();
    this.#outboxes.forEach((outbox) => outbox.stop());
  }
}
