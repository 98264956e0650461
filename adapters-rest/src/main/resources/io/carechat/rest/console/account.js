/** The bar at the top: where one is, who one is, and how to leave. */
import { h } from './preact.js';
import { useEffect, useRef, useState } from './hooks.js';
import { inboxUrl } from './address.js';
import { LANGUAGES, language, t } from './i18n.js';
import { router } from './router.js';
import { Dialog, Icon, Link } from './ui.js';
import { useChanges, usePage } from './use.js';

export function TopBar() {
  const { person, session } = usePage();
  const route = useChanges(router).route;
  const onWebhooks = route.name === 'inbox' && route.fragment.startsWith('webhooks');
  const isTeam = person.clientType === 'CARE_TEAM';
  return h(
    'header',
    { class: 'top' },
    h('a', { class: 'skip', href: '#main', onClick: skip }, t('skip')),
    h('p', { class: 'brand' }, h('span', { class: 'brand-name' }, 'carechat'), h('span', { class: 'brand-place' }, `${person.tenantName} / ${person.instanceName}`)),
    isTeam &&
      person.scopes.includes('webhooks:manage') &&
      h(
        'nav',
        { 'aria-label': t('views'), class: 'views' },
        h(Link, { href: inboxUrl(person), 'aria-current': onWebhooks ? undefined : 'page', 'data-testid': 'nav-inbox' }, t('inbox')),
        h(Link, { href: inboxUrl(person, 'webhooks'), 'aria-current': onWebhooks ? 'page' : undefined, 'data-testid': 'nav-webhooks' }, t('webhooks')),
      ),
    h(Account, { session }),
  );
}

/** @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  const main = document.getElementById('log') ?? document.getElementById('main');
  main?.focus();
}

/** @param {{session: import('./session.js').Session}} props */
function Account({ session }) {
  const { person, outboxes } = usePage();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState(false);
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    if (!open) return;
    const outside = (/** @type {Event} */ event) => {
      if (!place.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [open]);
  const signOut = async () => {
    setFailed(false);
    try {
      await session.signOut();
    } catch {
      await session.refresh();
      if (session.person) {
        setFailed(true);
        return;
      }
    }
  };
  const leave = async () => {
    // What was written goes only when it is certain that the person is out, and nothing writes it again meanwhile.
    dispatchEvent(new Event('carechat:forget'));
    await signOut();
    if (!session.person) outboxes.clear();
    else dispatchEvent(new Event('carechat:remember'));
  };
  const who = person.titleName ?? t(person.clientType === 'PATIENT' ? 'side.patient' : 'careTeam');
  const count = outboxes.count;
  return h(
    'div',
    {
      class: 'account',
      ref: place,
      onKeyDown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Escape' && open) {
          setOpen(false);
          document.getElementById('account')?.focus();
        }
      },
    },
    h(
      'button',
      { type: 'button', class: 'account-button', id: 'account', 'data-testid': 'account', 'aria-expanded': String(open), 'aria-controls': 'account-panel', onClick: () => setOpen(!open) },
      h(Icon, { name: 'person' }),
      h('span', { class: 'account-name' }, who),
    ),
    open &&
      h(
        'div',
        { class: 'account-panel', id: 'account-panel' },
        h('p', { class: 'quiet' }, t('signedInAs', { who })),
        h(LanguageChoice, null),
        h(
          'button',
          { type: 'button', class: 'button', id: 'sign-out', 'data-testid': 'sign-out', onClick: () => (count > 0 ? setAsking(true) : void leave()) },
          t('signOut'),
        ),
        failed && h('p', { class: 'bad', role: 'alert' }, t('signOut.failed')),
      ),
    asking &&
      h(
        Dialog,
        { id: 'sign-out-dialog', title: t('signOut.ask'), alert: true, onClose: () => setAsking(false) },
        h('p', { id: 'sign-out-dialog-text' }, t('signOut.ask.text', { count })),
        h(
          'div',
          { class: 'dialog-actions' },
          h('button', { type: 'button', class: 'button', 'data-testid': 'sign-out-cancel', onClick: () => setAsking(false) }, t('cancel')),
          h(
            'button',
            {
              type: 'button',
              class: 'button danger',
              'data-testid': 'sign-out-confirm',
              onClick: () => {
                setAsking(false);
                void leave();
              },
            },
            t('signOut.confirm'),
          ),
        ),
      ),
  );
}

/** A choice of the language of the page. */
export function LanguageChoice() {
  return h(
    'label',
    { class: 'field' },
    h('span', null, t('language')),
    h(
      'select',
      { id: 'language', 'data-testid': 'language', value: language.tag, onChange: (/** @type {any} */ event) => void language.choose(event.currentTarget.value) },
      Object.entries(LANGUAGES).map(([tag, name]) => h('option', { value: tag, key: tag, lang: tag }, name)),
    ),
  );
}

/** Says that the session is about to end. @param {{session: import('./session.js').Session}} props */
export function EndingSoon({ session }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const stay = () => void session.stay();
  return h(
    Dialog,
    { id: 'idle-dialog', title: t('idle.title'), alert: true, onClose: stay },
    h('p', { id: 'idle-dialog-text' }, t('idle.text')),
    h('p', { class: 'countdown', 'aria-hidden': 'true' }, t('idle.left', { count: session.secondsLeft })),
    h(
      'div',
      { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', 'data-testid': 'idle-leave', onClick: () => void session.signOut().catch(() => session.refresh()) }, t('signOut')),
      h('button', { type: 'button', class: 'button primary', id: 'stay', 'data-testid': 'stay', autofocus: true, onClick: stay }, t('idle.stay')),
    ),
  );
}
