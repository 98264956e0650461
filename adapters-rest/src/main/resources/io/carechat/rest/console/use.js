/** What the components have in common: following changes, and the context of the page. */
import { createContext } from './preact.js';
import { useContext, useEffect, useReducer } from './hooks.js';

/** @typedef {import('./store.js').Emitter} Emitter */

/**
 * Draws the component again whenever the emitter changes.
 *
 * @template {Emitter} T
 * @param {T} emitter
 * @returns {T} the emitter
 */
export function useChanges(emitter) {
  const [, redraw] = useReducer((/** @type {number} */ n) => n + 1, 0);
  useEffect(() => emitter.subscribe(() => redraw(undefined)), [emitter]);
  return emitter;
}

/**
 * What every view needs: who is signed in, and how to reach the service.
 *
 * @typedef {object} Page
 * @property {import('./session.js').Session} session
 * @property {import('./session.js').SignedIn} person
 * @property {import('./api.js').Api} api
 * @property {import('./outbox.js').Outboxes} outboxes
 * @property {import('./chats.js').Chats} chats
 * @property {import('./live.js').Live} live
 */

/** @type {import('preact').Context<Page>} */
export const PageContext = createContext(/** @type {any} */ (null));

/** @returns {Page} */
export const usePage = () => useContext(PageContext);
