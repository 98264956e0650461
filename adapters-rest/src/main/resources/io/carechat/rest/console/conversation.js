/** One chat: its messages, and a place to write. */
import { h } from './preact.js';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from './hooks.js';
import { chatUrl, inboxUrl, router } from './router.js';
import { dayKey, dayName, daysAgo, fullTime, shortTime, t, timeOf } from './i18n.js';
import { SearchForm, SearchResults } from './lists.js';
import { MAX_CHARACTERS, countCharacters, faultIn, linkParts, oneLine, shortId } from './text.js';
import { Thread } from './thread.js';
import { Avatar, Failure, Icon, IconButton, Link, Skeleton, State, announce, hasMouse, reason, useChanges, useMinute, usePage } from './ui.js';

/** @typedef {import('./api.js').Message} Message */
/** @typedef {import('./outbox.js').Unsent} Unsent */

/** As near to the end as this counts as the end, in pixels. */
const AT_END = 24;
/** As near to an end as this, the next page is read, in pixels. */
const NEAR = 1200;
/** How long the newest message must have been in view before it counts as read, in milliseconds. */
const GLANCE = 500;
/** Messages of one person within this time belong together, in milliseconds. */
const TOGETHER = 5 * 60_000;

/** @param {{patientId: string, arriving: boolean}} props arriving: the reader came here from another view */
export function Conversation({ patientId, arriving }) {
  const { api, person, live, outboxes } = usePage();
  const route = useChanges(router).route;
  const thread = useMemo(() => new Thread(api, patientId, person.clientType), [api, patientId]);
  useChanges(thread);
  const outbox = useChanges(outboxes.of(patientId));
  const isTeam = person.clientType === 'CARE_TEAM';
  const target = route.state.get('at');
  const words = route.state.get('search');
  const [searching, setSearching] = useState(words !== null);
  const searchOpen = searching || words !== null;
  const title = useRef(/** @type {HTMLHeadingElement | null} */ (null));

  useEffect(() => {
    const mine = (/** @type {Message} */ message) =>
      message.sender.id === person.id && message.sender.clientType === person.clientType;
    return live.follow(
      (event) => {
        if (event.patientId !== patientId) return;
        if (event.message && mine(event.message)) outbox.hear(event.message);
        else if (event.message) announceMessage(event.message);
        thread.hear(event);
      },
      () => void thread.catchUp(),
    );
  }, [thread, live]);

  useEffect(() => {
    void thread.open(target);
  }, [thread, target]);

  useEffect(
    () =>
      outboxes.follow((patient, message) => {
        if (patient === patientId) thread.add(message);
      }),
    [thread],
  );

  useEffect(() => {
    if (!arriving) return;
    // Who comes to write has the keyboard there at once, and who comes for a message has it on the messages.
    const place = target ? 'log' : hasMouse() ? 'composer-text' : '';
    (document.getElementById(place) ?? title.current)?.focus({ preventScroll: true });
  }, [patientId]);

  const go = (/** @type {Record<string, string>} */ state) =>
    router.go(chatUrl(person, patientId, state), { replace: true });
  const closeSearch = () => {
    setSearching(false);
    if (words !== null) go({});
    document.getElementById('chat-search-open')?.focus();
  };
  const sent = () => {
    thread.answered();
    setSearching(false);
    if (route.fragment) go({});
    if (!target && thread.hasNewer) void thread.open();
  };
  const name = isTeam ? t('patient', { id: shortId(patientId) }) : t('careTeam.yours');
  return h(
    'section',
    { class: 'conversation', id: 'conversation', 'data-patient': patientId, 'aria-labelledby': 'conversation-title' },
    h(
      'header',
      { class: 'pane-head' },
      isTeam &&
        h(Link, { class: 'icon-button back', href: inboxUrl(person, router.inbox), 'aria-label': t('back'), title: t('back'), 'data-testid': 'back' }, h(Icon, { name: 'back' })),
      isTeam && h(Avatar, { id: patientId }),
      h(
        'div',
        { class: 'pane-titles' },
        h('h1', { id: 'conversation-title', ref: title, tabIndex: -1 }, name),
        isTeam && h(FullId, { id: patientId }),
      ),
      h(IconButton, {
        icon: 'search',
        label: t('search.chat'),
        id: 'chat-search-open',
        'aria-expanded': String(searchOpen),
        onClick: () => (searchOpen ? closeSearch() : setSearching(true)),
      }),
    ),
    searchOpen &&
      h(SearchForm, {
        id: 'chat-search',
        label: t('search.chat'),
        words: words ?? '',
        onSearch: (found) => go(found ? { search: found } : {}),
        onClose: closeSearch,
      }),
    words && target && h(Link, { class: 'bar-link', href: chatUrl(person, patientId, { search: words }), 'data-testid': 'back-to-results' }, t('search.backToResults')),
    words && !target
      ? h(SearchResults, { patientId, words, key: words })
      : h(Log, { thread, outbox, patientId, name }),
    person.scopes.includes('messages:send')
      ? h(Composer, { key: patientId, patientId, name, outbox, onSend: sent })
      : h('p', { class: 'read-only' }, t('composer.readOnly')),
  );
}

/** @param {Message} message */
function announceMessage(message) {
  announce(t('announce.message', { who: senderName(message), text: oneLine(message.message, 200) }));
}

/** @param {Message} message */
function senderName({ sender }) {
  return sender.clientType === 'PATIENT' ? t('side.patient') : (sender.titleName ?? t('careTeam'));
}

/** @param {{id: string}} props */
function FullId({ id }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = copied ? setTimeout(() => setCopied(false), 2000) : undefined;
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    announce(t('copied'));
  };
  return h(
    'p',
    { class: 'full-id' },
    h('code', { 'data-testid': 'patient-id' }, id),
    navigator.clipboard &&
      h(IconButton, { icon: copied ? 'check' : 'copy', label: t('copy'), onClick: () => copy().catch(() => {}) }),
  );
}

/**
 * @param {{thread: Thread, outbox: import('./outbox.js').Outbox, patientId: string, name: string}} props
 */
function Log({ thread, outbox, patientId, name }) {
  const { person } = usePage();
  const now = useMinute();
  const log = useRef(/** @type {HTMLDivElement | null} */ (null));
  const scroll = useScroll(log, thread, outbox);
  const unsent = outbox.items.filter((item) => item.id !== outbox.arrived);
  const isEmpty = thread.state === 'ready' && thread.items.length === 0 && unsent.length === 0;
  const toNewest = () => {
    scroll.toEnd();
    if (thread.hasNewer || thread.state === 'failed') {
      if (router.route.state.has('at')) router.go(chatUrl(person, patientId), { replace: true });
      else void thread.open();
    }
    log.current?.focus({ preventScroll: true });
  };
  const unseen = thread.unseen;
  return h(
    'div',
    { class: 'log-frame' },
    thread.missing && h('p', { class: 'notice', role: 'status', id: 'message-missing' }, t('conversation.missing')),
    h(
      'div',
      {
        class: 'log',
        id: 'log',
        'data-state': thread.state,
        ref: log,
        role: 'log',
        'aria-live': 'off',
        'aria-label': t('conversation.log', { name }),
        'aria-busy': String(thread.state === 'loading'),
        tabIndex: 0,
        onScroll: scroll.onScroll,
      },
      thread.state === 'loading' && thread.items.length === 0 && h(Skeleton, { kind: 'bubbles', rows: 5 }),
      thread.state === 'failed' && thread.fault && h(Failure, { id: 'conversation-failed', fault: thread.fault, again: () => void thread.open() }),
      thread.state !== 'failed' && h(End, { thread, direction: 'older' }),
      isEmpty && h(State, { id: 'conversation-empty', icon: 'chat', title: t('conversation.empty'), text: t('conversation.empty.text') }),
      thread.state !== 'failed' && h(Messages, { thread, now }),
      thread.state !== 'failed' && h(End, { thread, direction: 'newer' }),
      !thread.hasNewer && unsent.length > 0 && h(UnsentMessages, { items: unsent, outbox }),
    ),
    (thread.hasNewer || (!scroll.atEnd && thread.items.length > 0)) &&
      h(
        'button',
        { type: 'button', class: unseen > 0 ? 'pill to-end new' : 'pill to-end', id: 'to-newest', onClick: toNewest },
        h(Icon, { name: 'down' }),
        unseen > 0 ? t('conversation.unseen', { count: unseen }) : t('conversation.toNewest'),
      ),
  );
}

/** What is at an end of the messages while there are more. @param {{thread: Thread, direction: 'older' | 'newer'}} props */
function End({ thread, direction }) {
  const more = direction === 'older' ? thread.hasOlder : thread.hasNewer;
  if (thread.state !== 'ready' || !more) {
    return direction === 'older' && thread.state === 'ready' && thread.items.length > 0
      ? h('p', { class: 'log-start' }, t('conversation.start'))
      : null;
  }
  if (thread.stuck === direction) {
    return h('p', { class: 'log-start' }, h('button', { type: 'button', class: 'button', onClick: () => void thread[direction]() }, t('again')));
  }
  return h('p', { class: 'log-start', 'aria-hidden': 'true' }, h('span', { class: 'spinner' }));
}

/**
 * Keeps what is being read where it is while messages come and go around it, follows the newest message if that is what
 * is being read, and tells the thread what was seen.
 *
 * @param {{current: HTMLDivElement | null}} log
 * @param {Thread} thread
 * @param {import('./outbox.js').Outbox} outbox
 */
function useScroll(log, thread, outbox) {
  const [atEnd, setAtEnd] = useState(true);
  /** The first message in view, and where it is. */
  const anchor = useRef(/** @type {{id: string, top: number} | null} */ (null));
  const stuck = useRef(true);
  const placed = useRef(/** @type {string | null} */ (null));
  const count = useRef(0);

  const measure = () => {
    const box = /** @type {HTMLDivElement} */ (log.current);
    stuck.current = box.scrollHeight - box.scrollTop - box.clientHeight <= AT_END && !thread.hasNewer;
    setAtEnd(stuck.current);
    anchor.current = firstInView(box);
  };
  const restore = () => {
    const box = log.current;
    if (!box) return;
    if (stuck.current) {
      box.scrollTop = box.scrollHeight;
      // While the reader is away, the first new message waits for them at the upper edge.
      const line = isHere() ? null : document.getElementById('first-new');
      if (line) box.scrollTop -= Math.max(0, 16 + box.getBoundingClientRect().top - line.getBoundingClientRect().top);
    } else if (anchor.current) {
      const element = document.getElementById(anchor.current.id);
      if (element) box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - anchor.current.top;
    }
    measure();
  };
  const readOn = () => {
    const box = log.current;
    if (!box || thread.state !== 'ready' || thread.stuck) return;
    if (thread.hasOlder && box.scrollTop < NEAR) void thread.older();
    if (thread.hasNewer && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) void thread.newer();
  };
  const look = () => {
    const box = log.current;
    const shown = box !== null && box.clientHeight > 0 && box.scrollHeight - box.scrollTop - box.clientHeight <= AT_END;
    thread.watching = isHere() && shown && thread.atNewest;
    return thread.watching;
  };

  // Where to begin: at the message that the reader came for, at the first new one, or at the end.
  useLayoutEffect(() => {
    const box = log.current;
    if (!box || thread.state !== 'ready') {
      if (thread.state === 'loading') placed.current = null;
      return;
    }
    const place = thread.target ?? 'newest';
    const own = outbox.items.length;
    if (placed.current !== place) {
      placed.current = place;
      const element = own > count.current ? null : document.getElementById(thread.target ?? 'first-new');
      stuck.current = !element;
      anchor.current = null;
      if (element) {
        const space = thread.target ? (box.clientHeight - element.offsetHeight) / 2 : box.clientHeight / 4;
        box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - Math.max(16, space);
        // The hit that was chosen from a list is gone with the list.
        if (thread.target && document.activeElement === document.body) box.focus({ preventScroll: true });
      }
    } else if (own > count.current) {
      // What the reader has just written is always shown.
      stuck.current = true;
    }
    count.current = own;
    restore();
    readOn();
  });

  useEffect(() => {
    const box = /** @type {HTMLDivElement} */ (log.current);
    const observer = new ResizeObserver(() => restore());
    observer.observe(box);
    return () => observer.disconnect();
  }, [thread]);

  // The newest message counts as read when it was before the reader's eyes for a moment.
  useEffect(() => {
    let timer = 0;
    const glance = () => {
      clearTimeout(timer);
      if (look()) timer = setTimeout(() => look() && thread.seen(), GLANCE);
    };
    glance();
    const ended = new AbortController();
    const options = { signal: ended.signal };
    const box = /** @type {HTMLDivElement} */ (log.current);
    box.addEventListener('scroll', glance, { ...options, passive: true });
    document.addEventListener('visibilitychange', glance, options);
    addEventListener('focus', glance, options);
    addEventListener('blur', glance, options);
    document.addEventListener('close', glance, { ...options, capture: true });
    const stop = thread.subscribe(() => setTimeout(glance));
    return () => {
      ended.abort();
      stop();
      clearTimeout(timer);
      thread.watching = false;
    };
  }, [thread]);

  return {
    atEnd,
    onScroll: () => {
      measure();
      readOn();
    },
    toEnd: () => {
      stuck.current = true;
      placed.current = thread.hasNewer ? null : placed.current;
      restore();
    },
  };
}

/** Whether the reader has this page before them, and nothing on it. */
const isHere = () =>
  document.visibilityState === 'visible' && document.hasFocus() && document.querySelector('dialog[open]') === null;

/**
 * @param {HTMLElement} box
 * @returns {{id: string, top: number} | null}
 */
function firstInView(box) {
  const top = box.getBoundingClientRect().top;
  const messages = box.querySelectorAll('.message');
  // The messages are in order: the first whose end is below the upper edge is found by halving.
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  const first = messages[low];
  return first ? { id: first.id, top: first.getBoundingClientRect().top - top } : null;
}

/** @param {{thread: Thread, now: Date}} props */
function Messages({ thread, now }) {
  const { person } = usePage();
  const other = person.clientType === 'PATIENT' ? 'CARE_TEAM' : 'PATIENT';
  const readTo = thread.markers[other]?.createdAt ?? '';
  const lastRead = thread.items.findLast(
    ({ message }) => message.sender.clientType === person.clientType && message.createdAt <= readTo,
  )?.message.externalId;
  /** @type {import('./preact.js').VNode[]} */
  const rows = [];
  let day = '';
  let before = /** @type {Message | null} */ (null);
  for (const { message } of thread.items) {
    const at = new Date(message.createdAt);
    const isNew = message.externalId === thread.firstNew;
    if (dayKey(at) !== day) {
      day = dayKey(at);
      rows.push(h('h2', { class: 'day', key: `day-${day}` }, h('span', null, dayName(at, now))));
      before = null;
    }
    if (isNew) {
      rows.push(h('p', { class: 'first-new', id: 'first-new', key: 'first-new' }, h('span', null, t('conversation.new'))));
      before = null;
    }
    const follows = before !== null && isTogether(before, message);
    before = message;
    rows.push(
      h(MessageBubble, {
        key: message.externalId,
        message,
        follows,
        own: message.sender.clientType === person.clientType,
        me: message.sender.id === person.id,
        target: message.externalId === thread.target,
        read: message.externalId === lastRead ? (thread.markers[other]?.readAt ?? '') : '',
      }),
    );
  }
  return h('div', { class: 'messages' }, rows);
}

/**
 * @param {Message} before
 * @param {Message} message
 */
function isTogether(before, message) {
  return (
    before.sender.id === message.sender.id &&
    before.sender.clientType === message.sender.clientType &&
    before.sender.titleName === message.sender.titleName &&
    Date.parse(message.createdAt) - Date.parse(before.createdAt) < TOGETHER
  );
}

/**
 * @param {{message: Message, follows: boolean, own: boolean, me: boolean, target: boolean, read: string}} props follows:
 *   whether it belongs to the message above; own: whether it is from the reader's side; me: whether it is the reader's;
 *   read: when the other side read up to it, if this is how far they have read
 */
function MessageBubble({ message, follows, own, me, target, read }) {
  const at = new Date(message.createdAt);
  const title = message.sender.titleName;
  const who = own && me ? (title ? t('youAs', { title }) : t('you')) : senderName(message);
  return h(
    'div',
    {
      class: `message ${own ? 'own' : 'other'}${follows ? ' follows' : ''}${target ? ' target' : ''}`,
      id: message.externalId,
      'data-testid': 'message',
      'data-sender': message.sender.clientType,
    },
    h('p', { class: follows ? 'who hidden-text' : 'who' }, h('bdi', null, who)),
    h(
      'div',
      { class: 'bubble' },
      h('p', { class: 'text', dir: 'auto', 'data-testid': 'message-text' }, h(Text, { text: message.message })),
      h('time', { dateTime: message.createdAt, title: fullTime(at) }, timeOf(at)),
    ),
    read &&
      h('p', { class: 'receipt', 'data-testid': 'receipt' }, h(Icon, { name: 'check' }), t('conversation.read', { time: receiptTime(new Date(read)) })),
  );
}

/** @param {Date} at */
const receiptTime = (at) => (daysAgo(at, new Date()) === 0 ? timeOf(at) : shortTime(at));

/** The text of a message. It is text, whatever is in it. @param {{text: string}} props */
function Text({ text }) {
  return useMemo(
    () =>
      linkParts(text).map((part) =>
        part.href
          ? h('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr' }, part.text)
          : part.text,
      ),
    [text],
  );
}

/** @param {{items: Unsent[], outbox: import('./outbox.js').Outbox}} props */
function UnsentMessages({ items, outbox }) {
  const first = items.find((item) => !item.refused);
  return h(
    'div',
    { class: 'messages', 'data-testid': 'unsent' },
    items.map((item) => {
      const failed = item === first && outbox.fault && outbox.sending !== item.id;
      const state = item.refused ? 'refused' : failed ? 'failed' : outbox.fault && item !== first ? 'waiting' : 'sending';
      const why = item.refused ?? outbox.fault;
      return h(
        'div',
        { class: `message own ${state}`, key: item.id, 'data-testid': 'unsent-message', 'data-state': state },
        h('p', { class: 'who hidden-text' }, t('you')),
        h('div', { class: 'bubble' }, h('p', { class: 'text', dir: 'auto' }, h(Text, { text: item.text }))),
        state === 'sending' && h('p', { class: 'receipt' }, h(Icon, { name: 'clock' }), t('unsent.sending')),
        state === 'waiting' && h('p', { class: 'receipt' }, h(Icon, { name: 'clock' }), t('unsent.waiting')),
        (state === 'failed' || state === 'refused') &&
          h(
            'div',
            { class: 'receipt bad' },
            h('p', null, h(Icon, { name: 'alert' }), t(`unsent.${state}`), ' ', why && reason(why)),
            h(
              'p',
              { class: 'receipt-actions' },
              state === 'failed' && h('button', { type: 'button', class: 'link', 'data-testid': 'retry', onClick: () => void outbox.retry() }, t('again')),
              h('button', { type: 'button', class: 'link', 'data-testid': 'edit-unsent', onClick: () => giveBack(item, outbox) }, t('unsent.edit')),
              h('button', { type: 'button', class: 'link', 'data-testid': 'delete-unsent', onClick: () => outbox.remove(item.id) }, t('unsent.delete')),
            ),
          ),
      );
    }),
  );
}

/**
 * Gives an unsent text back to the composer, before whatever is there.
 *
 * @param {Unsent} item
 * @param {import('./outbox.js').Outbox} outbox
 */
function giveBack(item, outbox) {
  if (!document.getElementById('composer-text')) return;
  dispatchEvent(new CustomEvent('carechat:edit', { detail: item.text }));
  outbox.remove(item.id);
}

/** From this many characters on it is shown how many are left. */
const SHOW_LEFT = 500;
/** How long after the last letter a draft is kept, in milliseconds. */
const KEEP_PAUSE = 250;

/**
 * @param {{patientId: string, name: string, outbox: import('./outbox.js').Outbox, onSend: () => void}} props
 */
function Composer({ patientId, name, outbox, onSend }) {
  const { outboxes } = usePage();
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [text, setText] = useState(() => outboxes.draft(patientId));
  const latest = useRef(text);
  latest.current = text;
  const timer = useRef(0);
  const stopped = useRef(false);
  /** Whether something was written here that is not kept yet. Another tab may have written something newer. */
  const changed = useRef(false);
  const save = () => {
    clearTimeout(timer.current);
    if (changed.current && !stopped.current) outboxes.saveDraft(patientId, latest.current);
    changed.current = false;
  };
  useEffect(() => {
    timer.current = setTimeout(save, KEEP_PAUSE);
    return () => clearTimeout(timer.current);
  }, [text]);
  useEffect(() => {
    const ended = new AbortController();
    const options = { signal: ended.signal };
    addEventListener('pagehide', save, options);
    document.addEventListener('visibilitychange', save, options);
    addEventListener('carechat:edit', (event) => edit(/** @type {CustomEvent<string>} */ (event).detail), options);
    addEventListener('carechat:forget', () => (stopped.current = true), options);
    addEventListener('carechat:remember', () => (stopped.current = false), options);
    addEventListener('storage', (event) => {
      // Written in another tab.
      if (event.key?.startsWith('carechat:draft:') && !changed.current) setText(outboxes.draft(patientId));
    }, options);
    return () => {
      ended.abort();
      save();
    };
  }, []);
  useLayoutEffect(() => {
    // Browsers that know `field-sizing` need no help.
    const area = field.current;
    if (!area || CSS.supports('field-sizing', 'content')) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text]);
  const said = useRef(outbox.fault);
  useEffect(
    () =>
      outbox.subscribe(() => {
        if (outbox.fault && outbox.fault !== said.current) announce(`${t('unsent.failed')} ${reason(outbox.fault)}`);
        said.current = outbox.fault;
      }),
    [outbox],
  );

  const edit = (/** @type {string} */ back) => {
    changed.current = true;
    setText(latest.current ? `${back}\n${latest.current}` : back);
    field.current?.focus();
  };
  const fault = faultIn(text);
  const left = text.length > MAX_CHARACTERS - SHOW_LEFT ? MAX_CHARACTERS - countCharacters(text) : Infinity;
  const shownFault = fault !== null && fault !== 'blank' ? fault : null;
  const send = () => {
    const now = field.current?.value ?? '';
    if (faultIn(now) !== null) return;
    latest.current = '';
    changed.current = true;
    setText('');
    save();
    outbox.add(now);
    onSend();
    field.current?.focus();
  };
  const label = t('composer.label', { name });
  return h(
    'form',
    {
      class: 'composer',
      'data-testid': 'composer',
      onSubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        send();
      },
    },
    h(
      'div',
      { class: 'composer-field' },
      h('textarea', {
        ref: field,
        id: 'composer-text',
        rows: 1,
        dir: 'auto',
        'aria-label': label,
        placeholder: t('composer.placeholder'),
        'aria-invalid': shownFault ? 'true' : undefined,
        'aria-describedby': shownFault || left < SHOW_LEFT ? 'composer-note' : hasMouse() ? 'composer-hint' : undefined,
        value: text,
        onInput: (/** @type {any} */ event) => {
          changed.current = true;
          setText(event.currentTarget.value);
        },
        onBlur: save,
        onKeyDown: (/** @type {KeyboardEvent} */ event) => {
          // With a keyboard on the screen, and while a character is composed, Enter is not for sending.
          const sends = event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.isComposing;
          if (sends && (hasMouse() || event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          }
        },
      }),
      h(
        'button',
        { class: 'send', id: 'composer-send', disabled: fault !== null, 'aria-label': t('composer.send'), title: t('composer.send') },
        h(Icon, { name: 'send' }),
      ),
    ),
    shownFault || left < SHOW_LEFT
      ? h(
          'p',
          { class: shownFault ? 'composer-note bad' : 'composer-note', id: 'composer-note', role: 'status' },
          shownFault === 'character'
            ? t('composer.character')
            : left < 0
              ? t('composer.tooLong', { count: -left })
              : t('composer.left', { count: left }),
        )
      : h('p', { class: 'composer-hint', id: 'composer-hint' }, t('composer.hint')),
  );
}
