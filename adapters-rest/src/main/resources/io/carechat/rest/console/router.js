/** Where the reader is, and how to go elsewhere. */
import { parseRoute } from './address.js';
import { Emitter } from './store.js';

/** @typedef {import('./address.js').Route} Route */

class Router extends Emitter {
  /** @type {Route} */
  route = parseRoute(location.pathname, location.hash);

  constructor() {
    super();
    const read = () => {
      this.route = parseRoute(location.pathname, location.hash);
      this.changed();
    };
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
    this.route = parseRoute(target.pathname, target.hash);
    this.changed();
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
