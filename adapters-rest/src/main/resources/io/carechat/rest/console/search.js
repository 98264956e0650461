/** Searching, in one chat or in the whole instance. */
import { h } from './preact.js';
import { useEffect, useRef, useState } from './hooks.js';
import { chatUrl } from './address.js';
import { ApiError } from './api.js';
import { fullTime, listTime, t } from './i18n.js';
import { highlightParts, oneLine, shortId } from './text.js';
import { Avatar, Failure, Icon, IconButton, Link, Skeleton, State, announce, useMinute, useNear } from './ui.js';
import { usePage } from './use.js';

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
    if (onClose) input.current?.focus();
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
      'data-testid': id,
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
        const state = patientId ? { search: words, at: hit.message.externalId } : { at: hit.message.externalId };
        return h(
          'li',
          { key: hit.message.externalId },
          h(
            Link,
            { class: patientId ? 'row hit' : 'row hit with-avatar', href: chatUrl(person, id, state), 'data-testid': 'hit', title: patientId ? undefined : id },
            !patientId && h(Avatar, { id }),
            h('span', { class: 'row-name' }, patientId ? who : t('patient', { id: shortId(id) })),
            h('time', { class: 'row-time', dateTime: hit.message.createdAt, title: fullTime(at) }, listTime(at, now)),
            h(
              'span',
              { class: 'hit-text', dir: 'auto' },
              !patientId && clientType !== 'PATIENT' && h('span', { class: 'row-who' }, `${who}: `),
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
  const fragments = hit.meta.highlights ?? [];
  if (fragments.length === 0) return oneLine(hit.message.message, 200);
  return fragments
    .slice(0, 3)
    .flatMap((fragment, index) => [
      index > 0 ? ' … ' : '',
      ...highlightParts(fragment).map((part) => (part.hit ? h('mark', null, part.text) : part.text)),
    ]);
}
