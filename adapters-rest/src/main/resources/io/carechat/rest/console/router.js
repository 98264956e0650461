/** The addresses of the page's views, which of them the reader is at, and how to go elsewhere. */
import { Emitter } from './store.js';

/**
 * @typedef {object} Route
 * @property {'inbox' | 'conversation' | 'sign-in' | 'not-found'} name
 * @property {string} tenantName
 * @property {string} instanceName
 * @property {string} patientId empty unless it is a conversation
 * @property {URLSearchParams} state what is after the `#`
 * @property {string} fragment the same, as it is written
 */

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The path of the public URL. It ends with a slash. */
export const basePath = typeof document === 'undefined' ? '/' : new URL('.', document.baseURI).pathname;

/**
 * Reads an address.
 *
 * @param {string} path
 * @param {string} hash
 * @param {string} [base]
 * @returns {Route}
 */
export function parseRoute(path, hash, base = basePath) {
  const fragment = hash.replace(/^#/, '');
  const route = { tenantName: '', instanceName: '', patientId: '', state: new URLSearchParams(fragment), fragment };
  if (!path.startsWith(base)) return { ...route, name: 'not-found' };
  const parts = path.slice(base.length).replace(/\/$/, '').split('/');
  if (parts.length === 1 && parts[0] === 'sign-in') return { ...route, name: 'sign-in' };
  const [tenantName, instanceName, patients, patientId] = parts;
  if (parts.length < 2 || !NAME.test(tenantName) || !NAME.test(instanceName)) return { ...route, name: 'not-found' };
  if (parts.length === 2) return { ...route, name: 'inbox', tenantName, instanceName };
  if (parts.length === 4 && patients === 'patients' && UUID.test(patientId)) {
    return { ...route, name: 'conversation', tenantName, instanceName, patientId: patientId.toLowerCase() };
  }
  return { ...route, name: 'not-found', tenantName, instanceName };
}

/**
 * The address of an instance's inbox.
 *
 * @param {{tenantName: string, instanceName: string}} where
 * @param {string} [fragment]
 */
export function inboxUrl({ tenantName, instanceName }, fragment = '') {
  return `${basePath}${tenantName}/${instanceName}${fragment && '#' + fragment}`;
}

/**
 * The address of a conversation.
 *
 * @param {{tenantName: string, instanceName: string}} where
 * @param {string} patientId
 * @param {Record<string, string>} [state]
 */
export function chatUrl(where, patientId, state = {}) {
  const fragment = new URLSearchParams(state).toString();
  return `${inboxUrl(where)}/patients/${patientId}${fragment && '#' + fragment}`;
}

class Router extends Emitter {
  /** @type {Route} */
  route = parseRoute('', '');
  /** What the inbox shows, as the fragment of its address: beside a conversation it stays as it was. */
  inbox = '';

  /** Follows the address of the page. */
  start() {
    const read = () => {
      this.#arrive(parseRoute(location.pathname, location.hash));
    };
    read();
    addEventListener('popstate', read);
    addEventListener('hashchange', read);
  }

  /**
   * Goes to an address of this page.
   *
   * @param {string} url
   * @param {{replace?: boolean}} [options] replace: "back" does not lead here again
   */
  go(url, { replace = false } = {}) {
    const target = new URL(url, document.baseURI);
    const same = target.href === location.href;
    if (replace || same) history.replaceState(null, '', target);
    else history.pushState(null, '', target);
    this.#arrive(parseRoute(target.pathname, target.hash));
  }

  /** @param {Route} route */
  #arrive(route) {
    this.route = route;
    if (route.name === 'inbox' && !route.fragment.startsWith('webhooks')) this.inbox = route.fragment;
    this.changed();
  }

  /** Takes the words of a search out of the address and the memory. */
  forgetSearch() {
    if (this.inbox.startsWith('search')) this.inbox = '';
    if (this.route.state.has('search')) this.go(location.pathname, { replace: true });
  }

  /**
   * Shows something else in the inbox, and leaves the conversation beside it open.
   *
   * @param {{tenantName: string, instanceName: string}} where
   * @param {string} fragment
   */
  showInInbox(where, fragment) {
    this.inbox = fragment;
    if (this.route.name === 'inbox') this.go(inboxUrl(where, fragment), { replace: true });
    else this.changed();
  }
}

export const router = new Router();

/**
 * Follows a link within the page, unless the reader wants it in another tab.
 *
 * @param {MouseEvent} event
 */
export function follow(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  router.go(/** @type {HTMLAnchorElement} */ (event.currentTarget).href);
}
