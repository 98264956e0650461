/**
 * The messages of one chat that the reader has before them: a part of the chat without gaps, which grows in both
 * directions, and at its newest end by itself.
 */
import { ApiError } from './api.js';
import { Emitter } from './store.js';

/** @typedef {import('./api.js').Message} Message */
/** @typedef {import('./api.js').MessagePage} MessagePage */
/** @typedef {import('./api.js').ChatEvent} ChatEvent */
/** @typedef {import('./api.js').ReadMarker} ReadMarker */
/** @typedef {import('./api.js').Side} Side */
/** @typedef {{message: Message, meta?: import('./api.js').MessageItem['meta']}} Item */
/** @typedef {Pick<import('./api.js').Api, 'chat' | 'messages' | 'message' | 'markRead'>} ThreadApi */

const PAGE = 50;
const AROUND = 25;
/** The most messages of a page. */
const LARGEST_PAGE = 200;
/** Counting unread messages stops here. */
const COUNTED = 100;
/** After how many milliseconds what could not be read is read again. */
const AGAIN = 3000;

export class Thread extends Emitter {
  /** @type {'loading' | 'ready' | 'failed'} */
  state = 'loading';
  /** Why the messages could not be read. @type {ApiError | null} */
  fault = null;
  /** Oldest first. A new array after each change. @type {Item[]} */
  items = [];
  hasOlder = false;
  /** Whether there are newer messages than those here. */
  hasNewer = false;
  /** The direction that is being read. @type {'older' | 'newer' | null} */
  reading = null;
  /** The direction that could not be read. @type {'older' | 'newer' | null} */
  stuck = null;
  /** The first message that was new when the reader came, or since they last looked. @type {string | null} */
  firstNew = null;
  /** The message that the reader came for. @type {string | null} */
  target = null;
  /** Whether the message that the reader came for is not in this chat. */
  missing = false;
  /** How many messages have come that the reader has not had before them. */
  unseen = 0;
  /** Whether the reader has the newest message before them now. The view says so. */
  watching = false;
  /** @type {Partial<Record<Side, ReadMarker>>} */
  markers = {};

  #api;
  #patientId;
  #side;
  /** The most items that are kept. */
  #most;
  /** What came while something else was being read, or while the newest messages were not here. @type {Message[]} */
  #waiting = [];
  /** Counts the openings: what an earlier one reads is of no use any more. */
  #opening = 0;
  /** @type {string | null} */
  #marking = null;
  /** Whether messages may have been missed. Then nothing is marked as read. */
  #behind = false;

  /**
   * @param {ThreadApi} api
   * @param {string} patientId
   * @param {Side} side the reader's
   * @param {number} [most] how many messages are kept
   */
  constructor(api, patientId, side, most = 500) {
    super();
    this.#api = api;
    this.#patientId = patientId;
    this.#side = side;
    this.#most = most;
  }

  /** Whether the newest message of the chat is here. */
  get atNewest() {
    return this.state === 'ready' && !this.hasNewer;
  }

  /** @returns {Message | undefined} */
  get newest() {
    return this.items.at(-1)?.message;
  }

  /**
   * Reads the newest messages and what is unread before them, or the surroundings of a message.
   *
   * @param {string | null} [target] the id of that message
   */
  async open(target = null) {
    const opening = ++this.#opening;
    this.state = 'loading';
    this.fault = null;
    this.target = null;
    this.missing = false;
    this.reading = null;
    this.stuck = null;
    this.changed();
    try {
      const [chat, found] = await Promise.all([
        this.#api.chat(this.#patientId),
        target ? this.#around(target) : this.#newest(),
      ]);
      let part = found;
      if (opening !== this.#opening) return;
      for (const marker of chat.readMarkers) this.#move(marker);
      if (part === null) {
        this.missing = true;
        part = await this.#newest();
      } else if (target) {
        this.target = target;
      }
      const unread = this.#side === 'CARE_TEAM' ? chat.unread.careTeam : chat.unread.patient;
      if (!target && unread > 0) part = await this.#withUnread(part, unread);
      if (opening !== this.#opening) return;
      this.items = part.items;
      this.hasOlder = part.hasOlder;
      this.hasNewer = part.hasNewer;
      this.firstNew = this.#firstUnread();
      this.unseen = target ? unread : 0;
      this.state = 'ready';
      if (!this.hasNewer) this.#takeWaiting();
      this.changed();
      // The stream has opened while the page was being read.
      if (this.#behind) void this.catchUp();
    } catch (fault) {
      if (opening !== this.#opening) return;
      if (!(fault instanceof ApiError)) throw fault;
      this.state = 'failed';
      this.fault = fault;
      this.changed();
    }
  }

  /** @typedef {{items: Item[], hasOlder: boolean, hasNewer: boolean}} Part */

  /** @returns {Promise<Part>} */
  async #newest() {
    const page = await this.#api.messages(this.#patientId, { pageSize: PAGE });
    return { items: page.content.toReversed(), hasOlder: page.meta.nextPageToken !== null, hasNewer: false };
  }

  /**
   * @param {string} externalId
   * @returns {Promise<Part | null>} null if there is no such message
   */
  async #around(externalId) {
    let item;
    try {
      item = await this.#api.message(this.#patientId, externalId);
    } catch (fault) {
      if (fault instanceof ApiError && (fault.status === 404 || fault.status === 400)) return null;
      throw fault;
    }
    const [older, newer] = await Promise.all([
      this.#api.messages(this.#patientId, { pageToken: item.meta.nextPageToken, pageSize: AROUND }),
      this.#api.messages(this.#patientId, { pageToken: item.meta.prevPageToken, pageSize: AROUND }),
    ]);
    return {
      items: [...older.content.toReversed(), item, ...newer.content.toReversed()],
      hasOlder: older.meta.nextPageToken !== null,
      hasNewer: newer.content.length === AROUND,
    };
  }

  /**
   * Adds older messages until the first unread one is among them. If that is far away, the part is where it is.
   *
   * @param {Part} part
   * @param {number} unread
   * @returns {Promise<Part>}
   */
  async #withUnread(part, unread) {
    const marker = this.markers[this.#side];
    const isHere = () => !part.hasOlder || (marker && part.items[0].message.createdAt <= marker.createdAt);
    if (isHere()) return part;
    if (unread < COUNTED) {
      const token = part.items[0].meta?.nextPageToken;
      const page = await this.#api.messages(this.#patientId, { pageToken: token, pageSize: LARGEST_PAGE });
      const items = [...page.content.toReversed(), ...part.items];
      part = { items, hasOlder: page.meta.nextPageToken !== null, hasNewer: false };
      if (isHere()) return part;
    }
    return marker ? ((await this.#around(marker.externalId)) ?? part) : part;
  }

  /** Reads on towards older messages. */
  async older() {
    const first = this.items[0];
    if (this.state !== 'ready' || this.reading || !this.hasOlder || !first?.meta) return;
    await this.#read('older', first.meta.nextPageToken, (page) => {
      this.items = [...page.content.toReversed(), ...this.items];
      this.hasOlder = page.meta.nextPageToken !== null;
      if (this.items.length > this.#most) {
        // What is far below is let go. It can be read again from the last message that has a token.
        const last = this.items.findLastIndex((item, index) => index < this.#most && item.meta !== undefined);
        this.items = this.items.slice(0, last + 1);
        this.hasNewer = true;
      }
    });
  }

  /** Reads on towards newer messages. */
  async newer() {
    const last = this.items.findLast((item) => item.meta !== undefined);
    if (this.state !== 'ready' || this.reading || !this.hasNewer) return;
    if (!last?.meta) return this.open();
    await this.#read('newer', last.meta.prevPageToken, (page) => {
      this.#merge(page.content);
      if (page.content.length < PAGE) {
        this.hasNewer = false;
        this.#behind = false;
        this.#takeWaiting();
      }
      if (this.items.length > this.#most) {
        this.items = this.items.slice(-this.#most);
        const first = this.items.findIndex((item) => item.meta !== undefined);
        this.items = this.items.slice(first);
        this.hasOlder = true;
      }
    });
  }

  /**
   * @param {'older' | 'newer'} direction
   * @param {string} pageToken
   * @param {(page: MessagePage) => void} take
   */
  async #read(direction, pageToken, take) {
    const opening = this.#opening;
    this.reading = direction;
    this.stuck = null;
    this.changed();
    try {
      const page = await this.#api.messages(this.#patientId, { pageToken, pageSize: PAGE });
      if (opening !== this.#opening) return;
      this.reading = null;
      take(page);
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (opening !== this.#opening) return;
      this.reading = null;
      this.stuck = direction;
    }
    this.changed();
  }

  /** Reads what may have been missed at the newest end. */
  async catchUp() {
    this.#behind = true;
    if (this.state === 'failed') return this.open();
    if (!this.atNewest) return;
    const last = this.items.findLast((item) => item.meta !== undefined);
    const opening = this.#opening;
    try {
      const [chat, page] = await Promise.all([
        this.#api.chat(this.#patientId),
        this.#api.messages(this.#patientId, { pageToken: last?.meta?.prevPageToken, pageSize: LARGEST_PAGE }),
      ]);
      if (opening !== this.#opening || this.hasNewer) return;
      this.#behind = false;
      for (const marker of chat.readMarkers) this.#move(marker);
      if (last && page.content.length === LARGEST_PAGE) {
        // Too much to show at once: the reader reads on from where they are.
        this.items = this.items.slice(0, this.items.indexOf(last) + 1);
        this.hasNewer = true;
        this.unseen = Math.max(this.unseen, COUNTED);
      } else {
        for (const item of page.content.toReversed()) this.#take(item.message);
        this.#merge(page.content);
      }
      this.changed();
    } catch (fault) {
      // What is shown stays.
      if (!(fault instanceof ApiError)) throw fault;
      if (fault.temporary && opening === this.#opening) setTimeout(() => this.#behind && void this.catchUp(), AGAIN);
    }
  }

  /**
   * Takes what the stream says.
   *
   * @param {ChatEvent} event
   */
  hear(event) {
    if (event.patientId !== this.#patientId) return;
    if (event.message) this.add(event.message);
    if (event.read) {
      const { clientType, externalId, messageCreatedAt } = event.read;
      this.#move({ clientType, externalId, createdAt: messageCreatedAt, readAt: event.createdAt });
      this.changed();
    }
  }

  /**
   * Takes a message that was sent now.
   *
   * @param {Message} message
   */
  add(message) {
    if (this.atNewest) {
      this.#take(message);
    } else if (!this.#waiting.some((waiting) => waiting.externalId === message.externalId)) {
      this.#waiting.push(message);
      // Only what comes while the last page is being read is needed; the rest is on the pages.
      if (this.#waiting.length > LARGEST_PAGE) this.#waiting.shift();
      if (this.state === 'ready' && message.sender.clientType !== this.#side) this.unseen++;
    }
    this.changed();
  }

  /** @param {Message} message */
  #take(message) {
    if (this.items.some((item) => item.message.externalId === message.externalId)) return;
    this.#merge([{ message }]);
    if (message.sender.clientType === this.#side || this.watching) return;
    this.unseen++;
    const marker = this.markers[this.#side];
    const start = this.items.find((item) => item.message.externalId === this.firstNew);
    if (!start || (marker && start.message.createdAt <= marker.createdAt)) this.firstNew = message.externalId;
  }

  #takeWaiting() {
    const waiting = this.#waiting.splice(0);
    const last = this.newest?.createdAt ?? '';
    for (const message of waiting) if (message.createdAt > last) this.#take(message);
  }

  /** @param {Item[]} added in any order */
  #merge(added) {
    const byId = new Map(this.items.map((item) => [item.message.externalId, item]));
    for (const item of added) {
      if (item.meta || !byId.has(item.message.externalId)) byId.set(item.message.externalId, item);
    }
    this.items = [...byId.values()].sort((a, b) => (a.message.createdAt < b.message.createdAt ? -1 : 1));
  }

  #firstUnread() {
    const read = this.markers[this.#side]?.createdAt ?? '';
    if (!read && this.hasOlder) return null;
    const first = this.items.find(
      ({ message }) => message.sender.clientType !== this.#side && message.createdAt > read,
    );
    return first?.message.externalId ?? null;
  }

  /** @param {ReadMarker} marker */
  #move(marker) {
    const side = /** @type {Side} */ (marker.clientType);
    const before = this.markers[side];
    if (!before || before.createdAt < marker.createdAt) this.markers = { ...this.markers, [side]: marker };
  }

  /** To be called when the reader has the newest message before them. */
  seen() {
    if (!this.atNewest || this.#behind) return;
    if (this.unseen > 0) {
      this.unseen = 0;
      this.changed();
    }
    void this.#markRead();
  }

  /** The reader has answered: what is above is not new any more. */
  answered() {
    this.firstNew = null;
    this.changed();
  }

  async #markRead() {
    const newest = this.items.findLast(({ message }) => message.sender.clientType !== this.#side)?.message;
    if (!newest || newest.externalId === this.#marking) return;
    if (newest.createdAt <= (this.markers[this.#side]?.createdAt ?? '')) return;
    this.#marking = newest.externalId;
    try {
      this.#move(await this.#api.markRead(this.#patientId, newest.externalId));
      this.changed();
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      // The next time that the reader has it before them, it is tried again.
      if (!fault.temporary) return;
    }
    this.#marking = null;
  }
}
