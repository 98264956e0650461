/** The lists to choose from: the chats of the inbox, and the hits of a search. */
import { h } from './preact.js';
import { useEffect, useLayoutEffect, useRef, useState } from './hooks.js';
import { chatUrl, router } from './router.js';
import { ApiError } from './api.js';
import { fullTime, listTime, t } from './i18n.js';
import { highlightParts, oneLine, shortId } from './text.js';
import { Avatar, Failure, Icon, IconButton, Link, Skeleton, State, announce, useChanges, useMinute, useNear, usePage } from './ui.js';

/** @typedef {import('./api.js').ChatSummary} ChatSummary */

/** For so long after the order changed no tap counts, in milliseconds. */
const REACTION = 450;

/** @param {{current: string}} props current: the patient whose chat is open */
export function Inbox({ current }) {
  const page = usePage();
  const chats = useChanges(page.chats);
  useChanges(page.outboxes);
  const route = useChanges(router).route;
  const shown = new URLSearchParams(router.inbox);
  const unread = shown.has('unread');
  const search = shown.get('search') ?? '';
  useEffect(() => {
    if (chats.state === 'loading' || chats.unreadOnly !== unread) void chats.open(unread);
  }, [unread]);
  const canSearch = page.person.scopes.includes('messages:search-instance');
  const show = (/** @type {Record<string, string>} */ what) =>
    router.showInInbox(page.person, new URLSearchParams(what).toString().replace(/=$/, ''));
  return h(
    'section',
    { class: 'inbox', id: 'inbox', 'aria-labelledby': 'inbox-title' },
    h(
      'div',
      { class: 'pane-head' },
      h(route.name === 'inbox' ? 'h1' : 'h2', { id: 'inbox-title', tabIndex: -1 }, t('inbox')),
      h(
        'label',
        { class: 'switch' },
        h('input', {
          type: 'checkbox',
          id: 'unread-only',
          role: 'switch',
          checked: unread,
          onChange: () => show(unread ? {} : { unread: '' }),
        }),
        h('span', { class: 'switch-track', 'aria-hidden': 'true' }),
        t('inbox.unreadOnly'),
      ),
    ),
    canSearch && h(SearchForm, { id: 'inbox-search', label: t('search.instance'), words: search, onSearch: (words) => show(words ? { search: words } : {}) }),
    search
      ? h(SearchResults, { patientId: null, words: search, key: search, current })
      : h(ChatList, { chats, current, unread }),
  );
}

/**
 * @param {{chats: import('./chats.js').Chats, current: string, unread: boolean}} props
 */
function ChatList({ chats, current, unread }) {
  const { person, outboxes } = usePage();
  const now = useMinute();
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const [roving, setRoving] = useState('');
  const hovered = useRef(false);
  const scroller = useRef(/** @type {HTMLDivElement | null} */ (null));
  // A focus that is not shown follows the pointer, and holds nothing by itself.
  const hold = () => chats.hold(hovered.current || Boolean(scroller.current?.querySelector(':focus-visible')));
  useEffect(() => () => chats.hold(false), []);
  const guard = useOrderGuard(chats.order);
  const near = useNear(() => {
    // After a failure only the reader tries again.
    if (!chats.stuck) void chats.more();
  });

  if (chats.state === 'loading') return h('div', { class: 'scroller' }, h(Skeleton, { kind: 'rows', rows: 8 }));
  if (chats.state === 'failed' && chats.fault) {
    return h(Failure, { id: 'inbox-failed', fault: chats.fault, again: () => void chats.open() });
  }
  if (chats.order.length === 0 && !chats.moved) {
    return unread
      ? h(State, { id: 'inbox-all-read', icon: 'check', title: t('inbox.allRead'), text: t('inbox.allRead.text') })
      : h(State, { id: 'inbox-empty', icon: 'inbox', title: t('inbox.empty'), text: t('inbox.empty.text') });
  }
  const stop = chats.order.includes(roving) ? roving : chats.order.includes(current) ? current : chats.order[0];
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const links = [.../** @type {HTMLElement} */ (list.current).querySelectorAll('a')];
    const at = links.findIndex((link) => link === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    links[Math.max(0, Math.min(to, links.length - 1))]?.focus();
  };
  const { unsent, drafts } = outboxes.patients();
  return h(
    'div',
    {
      class: 'scroller',
      'data-scroller': true,
      ref: scroller,
      onPointerEnter: (/** @type {PointerEvent} */ event) => {
        hovered.current = event.pointerType === 'mouse';
        hold();
      },
      onPointerLeave: () => {
        hovered.current = false;
        hold();
      },
      onFocusOut: () => setTimeout(hold),
    },
    chats.moved &&
      h(
        'div',
        { class: 'pill-place' },
        h(
          'button',
          {
            type: 'button',
            class: 'pill',
            id: 'inbox-arrange',
            onClick: (/** @type {MouseEvent} */ event) => {
              chats.arrange();
              scroller.current?.scrollTo({ top: 0 });
              // A key was pressed: the focus needs a new place.
              if (event.detail === 0) list.current?.querySelector('a')?.focus();
            },
          },
          t('inbox.moved'),
        ),
      ),
    h(
      'ul',
      {
        class: 'chats',
        id: 'chats',
        'aria-labelledby': 'inbox-title',
        ref: list,
        onKeyDown: keys,
        onFocusIn: (/** @type {FocusEvent} */ event) => {
          setRoving(/** @type {HTMLElement} */ (event.target).dataset.patient ?? '');
          hold();
        },
        onClickCapture: guard,
      },
      chats.order.map((id) => {
        const chat = chats.get(id);
        return (
          chat &&
          h(Row, {
            key: id,
            chat,
            now,
            href: chatUrl(person, id),
            current: id === current,
            stop: id === stop,
            unsent: unsent.has(id),
            draft: drafts.has(id),
          })
        );
      }),
    ),
    chats.hasMore && h('div', { ref: near, class: 'more', 'aria-hidden': 'true' }, !chats.stuck && h('span', { class: 'spinner' })),
    chats.stuck &&
      h('button', { type: 'button', class: 'button more', onClick: () => void chats.more() }, t('again')),
  );
}

/**
 * A finger may be on its way to a row when the rows change places: for a moment no tap counts. (A mouse is over the list
 * before it clicks, and that holds the order.)
 *
 * @param {string[]} order
 */
function useOrderGuard(order) {
  const before = useRef(order);
  const changedAt = useRef(-Infinity);
  useLayoutEffect(() => {
    const same = before.current.every((id, index) => id === order[index]);
    if (!same && before.current.length > 0 && order.length > 0) changedAt.current = performance.now();
    before.current = order;
  }, [order]);
  return (/** @type {MouseEvent} */ event) => {
    const byFinger = event.detail > 0 && /** @type {PointerEvent} */ (event).pointerType !== 'mouse';
    if (byFinger && performance.now() - changedAt.current < REACTION) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

/**
 * @param {{chat: ChatSummary, now: Date, href: string, current: boolean, stop: boolean, unsent: boolean, draft: boolean}}
 *   props
 */
function Row({ chat, now, href, current, stop, unsent, draft }) {
  const { lastMessage, unread, patientId } = chat;
  const at = new Date(lastMessage.createdAt);
  const who = lastMessage.sender.clientType === 'CARE_TEAM' ? (lastMessage.sender.titleName ?? t('careTeam')) : '';
  const count = unread.careTeam;
  return h(
    'li',
    null,
    h(
      Link,
      {
        class: count > 0 ? 'row unread' : 'row',
        href,
        'data-testid': 'chat-row',
        'data-patient': patientId,
        title: patientId,
        tabIndex: stop ? 0 : -1,
        'aria-current': current ? 'page' : undefined,
      },
      h(Avatar, { id: patientId }),
      h('span', { class: 'row-name' }, t('patient', { id: shortId(patientId) })),
      h('time', { class: 'row-time', dateTime: lastMessage.createdAt, title: fullTime(at) }, listTime(at, now)),
      h(
        'span',
        { class: 'row-text' },
        unsent
          ? h('span', { class: 'row-flag bad' }, t('inbox.unsent'))
          : draft && h('span', { class: 'row-flag' }, t('inbox.draft')),
        who && h('bdi', { class: 'row-who' }, `${who}: `),
        h('bdi', { class: 'row-line', dir: 'auto' }, oneLine(lastMessage.message, 120)),
      ),
      count > 0 &&
        h(
          'span',
          { class: 'badge', 'data-testid': 'unread-count' },
          h('span', { 'aria-hidden': 'true' }, count >= 100 ? '99+' : String(count)),
          h('span', { class: 'hidden-text' }, t(count >= 100 ? 'inbox.manyUnread' : 'inbox.unread', count >= 100 ? {} : { count })),
        ),
    ),
  );
}

/** What is beside the inbox while no chat is open. */
export function NoChat() {
  return h(State, { id: 'no-chat', icon: 'chat', title: t('conversation.none'), text: t('conversation.none.text') });
}

/** @typedef {import('./api.js').MessageItem & {patientId?: string}} Hit */

const PAGE = 30;
/** The most characters of a query. */
const MOST = 500;
/** How long after the last letter a search starts by itself, in milliseconds. */
const PAUSE = 400;

/**
 * @param {{id: string, label: string, words: string, onSearch: (words: string) => void, onClose?: () => void}} props
 *   onClose: how to leave the search, if it is not always there
 */
export function SearchForm({ id, label, words, onSearch, onClose }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const timer = useRef(0);
  const said = useRef(words);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // The address has changed, for example by "back": the field follows, unless that was the field itself.
    if (words !== said.current && input.current) input.current.value = words;
    said.current = words;
  }, [words]);
  useEffect(() => {
    if (onClose && !words) input.current?.focus();
  }, []);
  const search = () => {
    clearTimeout(timer.current);
    const now = input.current?.value.trim() ?? '';
    if (now === said.current) return;
    said.current = now;
    onSearch(now);
  };
  const clear = () => {
    if (input.current) input.current.value = '';
    if (onClose) {
      clearTimeout(timer.current);
      onClose();
    } else {
      search();
      input.current?.focus();
    }
  };
  return h(
    'form',
    {
      class: 'search',
      role: 'search',
      'aria-label': label,
      onSubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        search();
      },
      onKeyDown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          clear();
        }
      },
    },
    h(Icon, { name: 'search' }),
    h('input', {
      ref: input,
      id,
      type: 'search',
      enterKeyHint: 'search',
      autocomplete: 'off',
      dir: 'auto',
      maxLength: MOST,
      placeholder: label,
      'aria-label': label,
      defaultValue: words,
      onInput: () => {
        clearTimeout(timer.current);
        timer.current = setTimeout(search, PAUSE);
      },
    }),
    (onClose || words) &&
      h(IconButton, { icon: 'close', label: t(onClose ? 'search.close' : 'search.clear'), onClick: clear, 'data-testid': `${id}-clear` }),
  );
}

/**
 * The hits of a search, newest first.
 *
 * @param {{patientId: string | null, words: string, current?: string}} props patientId: null for all chats; current: the
 *   id of the patient whose chat is open
 */
export function SearchResults({ patientId, words }) {
  const { api, person } = usePage();
  const now = useMinute();
  const [found, setFound] = useState(
    /** @type {{hits: Hit[], next: string | null, fault: ApiError | null, busy: boolean}} */ ({
      hits: [],
      next: null,
      fault: null,
      busy: true,
    }),
  );
  const running = useRef(/** @type {AbortController | null} */ (null));
  const search = async (/** @type {string | null} */ pageToken) => {
    running.current?.abort();
    const control = (running.current = new AbortController());
    setFound((before) => ({ ...before, busy: true, fault: null }));
    try {
      const what = pageToken ? { pageToken } : { query: words, pageSize: PAGE };
      const answer = await api.search(patientId, what, control.signal);
      if (control.signal.aborted) return;
      const content = /** @type {Hit[]} */ (answer.content);
      setFound((before) => ({
        hits: pageToken ? [...before.hits, ...content] : content,
        next: answer.meta.nextPageToken,
        fault: null,
        busy: false,
      }));
      if (!pageToken) {
        const more = answer.meta.nextPageToken !== null;
        announce(t(more ? 'search.foundMore' : 'search.found', { count: content.length }));
      }
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (!control.signal.aborted) setFound((before) => ({ ...before, fault, busy: false }));
    }
  };
  useEffect(() => {
    void search(null);
    return () => running.current?.abort();
  }, [patientId, words]);
  const near = useNear(() => {
    if (found.next && !found.busy && !found.fault) void search(found.next);
  });
  const { hits, fault, busy } = found;
  let body;
  if (fault && hits.length === 0) {
    body = h(Failure, { id: 'search-failed', fault, again: () => void search(null) });
  } else if (hits.length === 0) {
    body = busy
      ? h(Skeleton, { kind: 'rows', rows: 5 })
      : h(State, { id: 'search-nothing', icon: 'search', title: t('search.nothing'), text: t('search.nothing.text') });
  } else {
    body = h(
      'ul',
      { class: 'hits', 'data-testid': 'hits', 'aria-label': t('search.results') },
      hits.map((hit) => {
        const at = new Date(hit.message.createdAt);
        const id = hit.patientId ?? patientId ?? '';
        const { clientType, titleName } = hit.message.sender;
        const who = clientType === 'PATIENT' ? t('side.patient') : (titleName ?? t('careTeam'));
        const state = /** @type {Record<string, string>} */ (patientId ? { search: words, at: hit.message.externalId } : { at: hit.message.externalId });
        return h(
          'li',
          { key: hit.message.externalId },
          h(
            Link,
            { class: patientId ? 'row hit' : 'row hit with-avatar', href: chatUrl(person, id, state), 'data-testid': 'hit', title: patientId ? undefined : id },
            !patientId && h(Avatar, { id }),
            h('bdi', { class: 'row-name' }, patientId ? who : t('patient', { id: shortId(id) })),
            h('time', { class: 'row-time', dateTime: hit.message.createdAt, title: fullTime(at) }, listTime(at, now)),
            h(
              'span',
              { class: 'hit-text', dir: 'auto' },
              !patientId && clientType !== 'PATIENT' && h('bdi', { class: 'row-who' }, `${who}: `),
              h(Fragments, { hit }),
            ),
          ),
        );
      }),
    );
  }
  return h(
    'div',
    { class: 'scroller', 'data-scroller': true, 'data-testid': 'search-results' },
    body,
    fault && hits.length > 0 && h('button', { type: 'button', class: 'button more', onClick: () => void search(found.next) }, t('again')),
    found.next && !fault && h('div', { ref: near, class: 'more', 'aria-hidden': 'true' }, h('span', { class: 'spinner' })),
  );
}

/** @param {{hit: Hit}} props */
function Fragments({ hit }) {
  const fragments = (hit.meta.highlights ?? []).slice(0, 3).map(highlightParts);
  if (fragments.length === 0) return oneLine(hit.message.message, 200);
  const plain = (/** @type {import('./text.js').HighlightPart[]} */ parts) => parts.map((part) => part.text).join('');
  const { message } = hit.message;
  const end = plain(/** @type {any} */ (fragments.at(-1)));
  return [
    message.startsWith(plain(fragments[0])) ? '' : '…',
    fragments.flatMap((parts, index) => [
      index > 0 ? ' … ' : '',
      ...parts.map((part) => (part.hit ? h('mark', null, part.text) : part.text)),
    ]),
    // A full stop after the last word is no reason to say that there is more.
    message.slice(-end.length - 2).includes(end) ? '' : '…',
  ];
}
