/** Who is signed in, and for how long. The session itself is in a cookie that no script can read. */
import { basePath, router } from './router.js';
import { ApiError, call } from './api.js';
import { Emitter, keep } from './store.js';

/**
 * @typedef {object} SignedIn
 * @property {string} tenantName
 * @property {string} instanceName
 * @property {'CARE_TEAM' | 'PATIENT'} clientType
 * @property {string} id
 * @property {string | null} titleName
 * @property {string[]} scopes
 */

/** How long before its end a session is announced to end, in milliseconds. */
const WARNING = 60_000;
/** Kept while somebody is to be asked before they are sent to sign in. */
const ASK = `carechat:ask:${basePath}`;
/** How often activity is reported at most. */
const REPORT = 60_000;

export class Session extends Emitter {
  /** Whether the service has said who is signed in. */
  known = false;
  /** Why that could not be found out. @type {ApiError | null} */
  fault = null;
  /** @type {SignedIn | null} */
  person = null;
  /** Whether somebody was signed in on this page before. */
  ended = false;
  /** Whether the session ends within a minute. */
  ending = false;
  csrfToken = '';

  #end = Infinity;
  #reported = -Infinity;
  /** @type {number | undefined} */
  #timer;
  /** @type {BroadcastChannel | null} */
  #tabs = null;
  /** @type {Promise<void> | null} */
  #asking = null;

  /** Finds out who is signed in, and follows what the person does and what happens in other tabs. */
  async start() {
    if ('BroadcastChannel' in globalThis) {
      this.#tabs = new BroadcastChannel(`carechat:session:${basePath}`);
      this.#tabs.onmessage = async ({ data }) => {
        // Who signs out in one tab wants nothing that was written to stay, in no tab.
        if (data === 'out') dispatchEvent(new Event('carechat:forget'));
        await this.refresh();
        if (data === 'out' && !this.person) {
          this.ended = false;
          this.changed();
        }
      };
    }
    for (const type of ['keydown', 'pointerdown', 'wheel', 'touchmove']) {
      addEventListener(type, () => this.#active(), { capture: true, passive: true });
    }
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.refresh();
    });
    addEventListener('pageshow', (event) => {
      if (event.persisted) void this.refresh();
    });
    await this.refresh();
  }

  /** Asks the service who is signed in. Asks once if it is called several times at once. */
  refresh() {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask() {
    try {
      this.#take(await call('GET', 'session'));
    } catch (fault) {
      // Without an answer whoever was signed in still is; the calls of the views say what is wrong.
      if (fault instanceof ApiError && !this.known) this.fault = fault;
      this.changed();
    }
  }

  /** @param {any} answer */
  #take(answer) {
    const before = this.person;
    const now = answer.signedIn ? /** @type {SignedIn} */ (answer) : null;
    if (before && now && !isSame(before, now)) {
      // Another person: nothing of the first may stay, neither on the page nor in its memory.
      location.reload();
      return;
    }
    this.known = true;
    this.fault = null;
    this.ended = this.ended || (before !== null && now === null);
    this.person = now && before ? before : now;
    if (now) keep.remove(ASK);
    else if (before) this.#leave();
    if (now && before === null) this.ended = false;
    this.csrfToken = answer.csrfToken ?? '';
    this.#end = now ? Date.now() + answer.idleSeconds * 1000 : Infinity;
    this.#watch();
    this.changed();
  }

  #watch() {
    clearTimeout(this.#timer);
    this.ending = false;
    if (!this.person) return;
    const left = this.#end - Date.now();
    this.#timer = setTimeout(() => void this.#nearEnd(), Math.max(0, Math.min(left - WARNING, 2 ** 31 - 1)));
  }

  async #nearEnd() {
    // Another tab may have been used meanwhile.
    await this.refresh();
    if (!this.person || this.#end - Date.now() > WARNING + 1000) return;
    clearTimeout(this.#timer);
    this.ending = true;
    this.changed();
    this.#timer = setTimeout(() => void this.#atEnd(), Math.max(1000, this.#end - Date.now() + 500));
  }

  async #atEnd() {
    await this.refresh();
    if (!this.person || this.#end > Date.now()) return;
    // The service cannot be asked. What is shown is not for whoever comes by.
    this.person = null;
    this.ended = true;
    this.#watch();
    this.changed();
  }

  /** How many seconds are left. */
  get secondsLeft() {
    return Math.max(0, Math.round((this.#end - Date.now()) / 1000));
  }

  #active() {
    if (this.person && !this.ending && Date.now() - this.#reported >= REPORT) void this.stay();
  }

  /** Reports that the person is there, so that the session goes on. */
  async stay() {
    this.#reported = Date.now();
    try {
      this.#take(await call('POST', 'session/activity', { headers: { 'X-CSRF-Token': this.csrfToken } }));
      this.#tabs?.postMessage('activity');
    } catch (fault) {
      this.#reported = -Infinity;
      if (fault instanceof ApiError && (fault.status === 401 || fault.status === 403)) await this.refresh();
    }
  }

  /**
   * To be called when the service refused a call.
   *
   * @param {number} status
   * @param {string} token that the call had
   * @returns {Promise<boolean>} whether the same call may succeed now
   */
  async refused(status, token) {
    await this.refresh();
    return status === 403 && this.person !== null && this.csrfToken !== token;
  }

  /** Signs out. */
  async signOut() {
    await call('DELETE', 'session', { headers: { 'X-CSRF-Token': this.csrfToken } });
    this.#tabs?.postMessage('out');
    this.person = null;
    this.ended = false;
    this.#leave();
    this.#watch();
    this.changed();
  }

  /** Whoever comes next is asked first, and does not see what was searched for. */
  #leave() {
    keep.set(ASK, 'true');
    router.forgetSearch();
  }

  /**
   * Signs in with the token of a link.
   *
   * @param {string} token
   * @returns {Promise<SignedIn>}
   */
  async useLink(token) {
    const answer = await call('POST', 'session/link', { body: { token } });
    this.person = null;
    this.#take(answer);
    this.#tabs?.postMessage('in');
    return answer;
  }

  /**
   * Whether nobody need be asked whether they want to sign in: the inbox is for the care team only. Who has just signed
   * out, or has just come back without being signed in, is asked.
   *
   * @param {import('./router.js').Route} route
   */
  goesOn(route) {
    return route.name === 'inbox' && !route.state.has('sign-in') && navigator.cookieEnabled && keep.get(ASK) === null;
  }

  /** @param {import('./router.js').Route} route */
  goOn(route) {
    keep.set(ASK, 'true');
    location.replace(this.loginUrl(route));
  }

  /**
   * Where to sign in.
   *
   * @param {{tenantName: string, instanceName: string}} where
   */
  loginUrl({ tenantName, instanceName }) {
    // Words that were searched for are not to be in an address that is sent.
    const view = /^#(unread|at=IM[0-9a-f]{32}|webhooks[\w./%-]{0,250})$/.exec(location.hash)?.[0] ?? '';
    const returnTo = '/' + location.pathname.slice(basePath.length) + view;
    return `${basePath}session/login?${new URLSearchParams({ tenantName, instanceName, returnTo })}`;
  }
}

/**
 * @param {SignedIn} one
 * @param {SignedIn} other
 */
function isSame(one, other) {
  return ['id', 'clientType', 'tenantName', 'instanceName'].every(
    (key) => /** @type {any} */ (one)[key] === /** @type {any} */ (other)[key],
  );
}
