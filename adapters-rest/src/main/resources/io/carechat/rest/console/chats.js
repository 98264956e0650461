/** The chats of an instance, those with the newest messages first, as far as they were read. */
import { ApiError } from './api.js';
import { Emitter } from './store.js';

/** @typedef {import('./api.js').ChatSummary} ChatSummary */
/** @typedef {import('./api.js').ChatEvent} ChatEvent */
/** @typedef {Pick<import('./api.js').Api, 'chats' | 'chat'>} ChatsApi */

const PAGE = 50;
const LARGEST_PAGE = 200;
/** How long changes of chats that must be asked about are collected, in milliseconds. */
const COLLECT = 150;
/** Counting unread messages stops here. */
const COUNTED = 100;

export class Chats extends Emitter {
  /** @type {'loading' | 'ready' | 'failed'} */
  state = 'loading';
  /** @type {ApiError | null} */
  fault = null;
  unreadOnly = false;
  hasMore = false;
  readingMore = false;
  /** Whether the next page could not be read. */
  stuck = false;
  /** The ids in the order in which they are shown. @type {string[]} */
  order = [];
  /** Whether a chat is not where it belongs, because the order is held. */
  moved = false;

  #api;
  /** @type {Map<string, ChatSummary>} */
  #chats = new Map();
  /** @type {string | null} */
  #next = null;
  #held = false;
  #reading = 0;
  /** How many pages are being read. What happens meanwhile may be missing in them. */
  #busy = 0;
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {number | undefined} */
  #timer;

  /** @param {ChatsApi} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** @param {string} patientId */
  get(patientId) {
    return this.#chats.get(patientId);
  }

  /** How many of the chats here have something unread. */
  get unreadCount() {
    let count = 0;
    for (const chat of this.#chats.values()) if (chat.unread.careTeam > 0) count++;
    return count;
  }

  /**
   * Reads the list anew.
   *
   * @param {boolean} [unreadOnly] whether only chats with something unread are wanted
   */
  async open(unreadOnly = this.unreadOnly) {
    const reading = ++this.#reading;
    const other = unreadOnly !== this.unreadOnly;
    this.unreadOnly = unreadOnly;
    this.fault = null;
    if (other || this.state === 'failed') {
      this.state = 'loading';
      this.#chats.clear();
      this.order = [];
    }
    this.changed();
    this.#busy++;
    try {
      // A list that is refreshed stays as long as it was, as far as a page can be.
      const pageSize = Math.min(LARGEST_PAGE, Math.max(PAGE, this.order.length));
      const page = await this.#api.chats({ unreadOnly, pageSize });
      if (reading !== this.#reading) return;
      const kept = this.#chats;
      this.#chats = new Map(page.content.map((chat) => [chat.patientId, newer(chat, kept.get(chat.patientId))]));
      this.#next = page.meta.nextPageToken;
      this.hasMore = this.#next !== null;
      this.readingMore = false;
      this.state = 'ready';
      this.#arrange();
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (reading !== this.#reading) return;
      // A list that is shown stays when it cannot be refreshed.
      if (this.state !== 'ready') {
        this.state = 'failed';
        this.fault = fault;
      }
    } finally {
      this.#idle();
    }
    this.changed();
  }

  #idle() {
    if (--this.#busy === 0) for (const id of this.#asked) this.#ask(id);
  }

  /** Reads the next page. */
  async more() {
    if (this.state !== 'ready' || this.readingMore || !this.#next) return;
    const reading = this.#reading;
    this.readingMore = true;
    this.stuck = false;
    this.changed();
    this.#busy++;
    try {
      const page = await this.#api.chats({ unreadOnly: this.unreadOnly, pageToken: this.#next, pageSize: PAGE });
      if (reading !== this.#reading) return;
      for (const chat of page.content) this.#chats.set(chat.patientId, newer(chat, this.#chats.get(chat.patientId)));
      this.#next = page.meta.nextPageToken;
      this.hasMore = this.#next !== null;
      this.#arrange();
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (reading !== this.#reading) return;
      this.stuck = true;
    } finally {
      this.#idle();
    }
    this.readingMore = false;
    this.changed();
  }

  /**
   * While the order is held, no chat changes its place: the reader may be about to choose one.
   *
   * @param {boolean} held
   */
  hold(held) {
    if (this.#held === held) return;
    this.#held = held;
    if (!held) this.arrange();
  }

  /** Puts each chat where it belongs, even while the order is held. */
  arrange() {
    const held = this.#held;
    this.#held = false;
    this.#arrange();
    this.#held = held;
    this.changed();
  }

  #arrange() {
    const wanted = [...this.#chats.values()]
      .filter((chat) => !this.unreadOnly || chat.unread.careTeam > 0 || this.order.includes(chat.patientId))
      .sort((a, b) => (a.lastMessage.createdAt > b.lastMessage.createdAt ? -1 : 1))
      .map((chat) => chat.patientId);
    if (!this.#held) {
      this.order = wanted;
      this.moved = false;
      return;
    }
    // Further pages only ever add to the end.
    const oldest = this.#chats.get(this.order.at(-1) ?? '')?.lastMessage.createdAt ?? '';
    const shown = new Set(this.order);
    const below = wanted.filter(
      (id) => !shown.has(id) && /** @type {ChatSummary} */ (this.#chats.get(id)).lastMessage.createdAt < oldest,
    );
    this.order = [...this.order.filter((id) => this.#chats.has(id)), ...below];
    this.moved = this.order.length !== wanted.length || this.order.some((id, index) => id !== wanted[index]);
  }

  /**
   * Takes what the stream says.
   *
   * @param {ChatEvent} event
   */
  hear(event) {
    const patientId = event.patientId;
    if (!patientId) return;
    if (this.#busy > 0) this.#asked.add(patientId);
    if (this.state !== 'ready') return;
    const chat = this.#chats.get(patientId);
    if (!chat) {
      if (event.message) this.#ask(patientId);
    } else if (event.message) {
      if (event.message.createdAt <= chat.lastMessage.createdAt) return;
      const side = event.message.sender.clientType === 'PATIENT' ? 'careTeam' : 'patient';
      const unread = { ...chat.unread, [side]: Math.min(COUNTED, chat.unread[side] + 1) };
      this.#chats.set(patientId, { ...chat, lastMessage: event.message, unread });
      this.#arrange();
      this.changed();
    } else if (event.read) {
      if (event.read.messageCreatedAt < chat.lastMessage.createdAt) return this.#ask(patientId);
      const side = event.read.clientType === 'PATIENT' ? 'patient' : 'careTeam';
      this.#chats.set(patientId, { ...chat, unread: { ...chat.unread, [side]: 0 } });
      this.changed();
    }
  }

  /**
   * Asks about a chat whose state the events alone do not tell.
   *
   * @param {string} patientId
   */
  #ask(patientId) {
    this.#asked.add(patientId);
    if (this.#busy > 0) return;
    this.#timer ??= setTimeout(async () => {
      const asked = [...this.#asked];
      this.#asked.clear();
      // One after the other: after a storm of events there may be many.
      for (const id of asked) {
        try {
          const { patientId, lastMessage, unread, readMarkers } = await this.#api.chat(id);
          if (!lastMessage) continue;
          const read = { patientId, lastMessage, unread, readMarkers };
          const known = this.#chats.get(id);
          this.#chats.set(id, known && known.lastMessage.createdAt > lastMessage.createdAt ? known : read);
        } catch (fault) {
          if (!(fault instanceof ApiError)) throw fault;
        }
      }
      this.#timer = undefined;
      this.#arrange();
      this.changed();
      if (this.#asked.size > 0) this.#ask([...this.#asked][0]);
    }, COLLECT);
  }
}

/**
 * Of two states of a chat the one with the newer message, since events may overtake a page.
 *
 * @param {ChatSummary} read
 * @param {ChatSummary | undefined} known
 */
function newer(read, known) {
  return known && known.lastMessage.createdAt > read.lastMessage.createdAt ? known : read;
}
