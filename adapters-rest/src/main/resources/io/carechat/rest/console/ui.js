/** What the views have in common: small parts, how they follow changes, and what they all need. */
import { createContext, h } from './preact.js';
import { useContext, useEffect, useReducer, useRef, useState } from './hooks.js';
import { follow } from './router.js';
import { t } from './i18n.js';

/** @typedef {import('./api.js').ApiError} ApiError */
/** @typedef {import('./store.js').Emitter} Emitter */
/** @typedef {import('./preact.js').ComponentChildren} Children */

/** The outlines of the icons, on a field of 24 by 24. */
const ICONS = {
  back: 'M15 5l-7 7 7 7',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M12 5v14M6 13l6 6 6-6',
  send: 'M4 12l16-8-6 16-3-6.5z',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  alert: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 1.8',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c.6-3.6 3.4-5.5 7-5.5s6.4 1.9 7 5.5',
  chat: 'M5 5h14v11h-7l-4 4v-4H5z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 2.500h3L15 13h5',
  cloud: 'M4 4l16 16M7 10a4 4 0 0 0 0 8h10M10 6.500A5 5 0 0 1 17 10a4 4 0 0 1 3.6 5.5',
  hook: 'M9 8a3.5 3.5 0 1 1 5 3.200l2 4M11 9l-3 6M7 19a3 3 0 1 1 1-4M10 17h5a3 3 0 1 1 0 1',
};

/** @param {{name: keyof typeof ICONS}} props */
export function Icon({ name }) {
  return h(
    'svg',
    { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    h('path', { d: ICONS[name] }),
  );
}

/**
 * A picture that belongs to an id: people recognise it sooner than the id, and nothing else is known about a patient
 * here. It is always the same.
 *
 * @param {{id: string}} props
 */
export function Avatar({ id }) {
  let hash = 2166136261;
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  const hue = hash % 12;
  let path = '';
  for (let cell = 0, bits = Math.imul(hash, 2654435761) >>> 0; cell < 15; cell++, bits >>>= 1) {
    if (!(bits & 1)) continue;
    const column = cell % 3;
    const row = Math.floor(cell / 3);
    path += `M${column} ${row}h1v1h-1z`;
    if (column < 2) path += `M${4 - column} ${row}h1v1h-1z`;
  }
  return h(
    'svg',
    { class: `avatar hue-${hue}`, viewBox: '-1.5 -1.5 8 8', 'aria-hidden': 'true', focusable: 'false' },
    h('path', { d: path }),
  );
}

/**
 * A link within the page.
 *
 * @param {{href: string, children?: Children, [attribute: string]: any}} props
 */
export function Link({ children, onClick, ...props }) {
  const click = (/** @type {any} */ event) => {
    onClick?.(event);
    follow(event);
  };
  return h('a', { ...props, onClick: click }, children);
}

/**
 * A button with an icon alone, and a name for those who do not see it.
 *
 * @param {{icon: keyof typeof ICONS, label: string, [attribute: string]: any}} props
 */
export function IconButton({ icon, label, ...props }) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, ...props }, h(Icon, { name: icon }));
}

/**
 * What a view shows when it has nothing else to show.
 *
 * @param {{icon: keyof typeof ICONS, title: string, text?: string, id?: string, heading?: boolean, alert?: boolean,
 *   children?: Children}} props
 */
export function State({ icon, title, text, id, heading = false, alert = false, children }) {
  return h(
    'div',
    { class: 'state', id, role: alert ? 'alert' : undefined },
    h('span', { class: 'state-icon' }, h(Icon, { name: icon })),
    h(heading ? 'h1' : 'p', { class: 'state-title', tabIndex: heading ? -1 : undefined }, title),
    text && h('p', { class: 'state-text' }, text),
    children && h('div', { class: 'state-actions' }, children),
  );
}

/** A few lines that stand for what is being read. @param {{rows?: number, kind: 'rows' | 'bubbles'}} props */
export function Skeleton({ rows = 6, kind }) {
  return h(
    'div',
    { class: `skeleton ${kind}`, 'data-testid': 'loading' },
    h('span', { class: 'hidden-text', role: 'status' }, t('loading')),
    Array.from({ length: rows }, (_, index) => h('div', { key: index, 'aria-hidden': 'true' })),
  );
}

/**
 * Why something failed, for people.
 *
 * @param {ApiError | {status: number, code: string, detail?: string, reference?: string}} fault
 */
export function reason(fault) {
  const { status, code } = fault;
  if (status === 0) return t(code === 'timeout' || code === 'unexpected' ? `error.${code}` : 'error.network');
  if (status === 500) return t('error.500', { reference: fault.reference ?? '' });
  if ([400, 401, 403, 404, 409, 413, 422, 429, 503].includes(status)) return t(`error.${status}`);
  return t('error.other', { status: String(status) });
}

/**
 * @param {{fault: ApiError, again: () => void, id?: string}} props
 */
export function Failure({ fault, again, id }) {
  const forbidden = fault.status === 403;
  return h(
    State,
    {
      id,
      icon: forbidden ? 'lock' : fault.status === 0 ? 'cloud' : 'alert',
      title: t(forbidden ? 'forbidden.title' : 'failure.title'),
      text: forbidden ? t('forbidden.text') : reason(fault),
      alert: true,
    },
    !forbidden && h('button', { type: 'button', class: 'button', onClick: again }, t('again')),
  );
}

/**
 * A dialog that keeps the focus until it is answered.
 *
 * @param {{title: string, id: string, onClose: () => void, alert?: boolean, children?: Children}} props
 */
export function Dialog({ title, id, onClose, alert = false, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDialogElement} */ (dialog.current);
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    element.showModal();
    return () => {
      element.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return h(
    'dialog',
    {
      ref: dialog,
      id,
      class: 'dialog',
      role: alert ? 'alertdialog' : undefined,
      'aria-labelledby': `${id}-title`,
      'aria-describedby': alert ? `${id}-text` : undefined,
      onCancel: cancel,
    },
    h('h2', { id: `${id}-title` }, title),
    children,
  );
}

/** The time now, to the minute: a day that is called today is yesterday after midnight. */
export function useMinute() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/**
 * Says something to those who do not see the page, when they have a moment.
 *
 * @param {string} words
 */
export function announce(words) {
  const place = document.getElementById('announcer');
  if (!place) return;
  // A new element is read even if it says the same as the one before. Two stay, so that a quick second does not cut off the first.
  const line = document.createElement('p');
  line.textContent = words;
  place.append(line);
  while (place.childElementCount > 2) place.firstElementChild?.remove();
}

/** Whether the reader points with a mouse: then a keyboard is likely too, and does not cover the page. */
export const hasMouse = () => matchMedia('(hover: hover) and (pointer: fine)').matches;

/** Calls `near` whenever the element comes into view, or nearly. @param {() => void} near @param {string} margin */
export function useNear(near, margin = '600px') {
  const element = useRef(/** @type {any} */ (null));
  const latest = useRef(near);
  latest.current = near;
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      { root: element.current.closest('[data-scroller]'), rootMargin: margin },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  });
  return element;
}

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

/** @type {import('./preact.js').Context<Page>} */
export const PageContext = createContext(/** @type {any} */ (null));

/** @returns {Page} */
export const usePage = () => useContext(PageContext);
