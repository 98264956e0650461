/** Where a message is written. */
import { h } from './preact.js';
import { useEffect, useLayoutEffect, useRef, useState } from './hooks.js';
import { t } from './i18n.js';
import { MAX_CHARACTERS, countCharacters, faultIn } from './text.js';
import { Icon, announce, hasMouse, reason, usePage } from './ui.js';

/** From this many characters on it is shown how many are left. */
const SHOW_LEFT = 500;
/** How long after the last letter a draft is kept, in milliseconds. */
const PAUSE = 250;

/**
 * @param {{patientId: string, name: string, outbox: import('./outbox.js').Outbox, onSend: () => void}} props
 */
export function Composer({ patientId, name, outbox, onSend }) {
  const { outboxes } = usePage();
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [text, setText] = useState(() => outboxes.draft(patientId));
  const latest = useRef(text);
  latest.current = text;
  const timer = useRef(0);
  const stopped = useRef(false);
  const save = () => {
    clearTimeout(timer.current);
    if (!stopped.current) outboxes.saveDraft(patientId, latest.current);
  };
  useEffect(() => {
    timer.current = setTimeout(save, PAUSE);
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
      // Written in another tab: shown here unless something else is being written here.
      const draft = outboxes.draft(patientId);
      if (event.key?.startsWith('carechat:draft:') && document.activeElement !== field.current) setText(draft);
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
    setText('');
    outboxes.saveDraft(patientId, '');
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
        onInput: (/** @type {any} */ event) => setText(event.currentTarget.value),
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
