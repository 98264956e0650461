/** Who one is, and the doors of the page: signing in and out, and what those see who are not (rightly) signed in. */
import { h } from './preact.js';
import { useEffect, useRef, useState } from './hooks.js';
import { chatUrl, inboxUrl, router } from './router.js';
import { ApiError } from './api.js';
import { LANGUAGES, language, t } from './i18n.js';
import { Dialog, Icon, Link, State, reason, useChanges, usePage } from './ui.js';

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
  const count = asking ? outboxes.count : 0;
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
      { type: 'button', class: 'account-button', id: 'account', 'aria-expanded': String(open), 'aria-controls': 'account-panel', onClick: () => setOpen(!open) },
      h(Icon, { name: 'person' }),
      h('span', { class: 'account-name' }, who),
    ),
    open &&
      h(
        'div',
        { class: 'account-panel', id: 'account-panel' },
        h('p', { class: 'quiet' }, t('signedInAs', { who }), h('br', null), `${person.tenantName} / ${person.instanceName}`),
        h(LanguageChoice, null),
        h(
          'button',
          { type: 'button', class: 'button', id: 'sign-out', onClick: () => (outboxes.count > 0 ? setAsking(true) : void leave()) },
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
      { id: 'language', value: language.tag, onChange: (/** @type {any} */ event) => void language.choose(event.currentTarget.value) },
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
      h('button', { type: 'button', class: 'button primary', id: 'stay', autofocus: true, onClick: stay }, t('idle.stay')),
    ),
  );
}

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./router.js').Route} Route */

/** A page with one thing on it. @param {{children?: import('./preact.js').ComponentChildren}} props */
export function Door({ children }) {
  return h('main', { class: 'door', id: 'main', tabIndex: -1 }, h('div', { class: 'door-card' }, children), h('div', { class: 'door-foot' }, h(LanguageChoice, null)));
}

/** Goes on to where people sign in. @param {{session: Session, route: Route}} props */
export function GoesOn({ session, route }) {
  useEffect(() => session.goOn(route), []);
  return null;
}

/** @param {{session: Session, route: Route}} props */
export function SignedOut({ session, route }) {
  const answer = route.state.get('sign-in');
  const ended = session.ended;
  const note = answer === 'unavailable' || answer === 'refused' ? t(`signIn.${answer}`) : '';
  return h(
    Door,
    null,
    h(
      State,
      {
        id: ended ? 'session-ended' : 'signed-out',
        icon: 'lock',
        heading: true,
        title: t(ended ? 'signIn.ended' : 'signIn.title'),
        text: t(ended ? 'signIn.ended.text' : 'signIn.text'),
      },
      note && h('p', { class: 'notice bad', role: 'alert', 'data-testid': 'sign-in-problem' }, note),
      h('a', { class: 'button primary', id: 'sign-in', href: session.loginUrl(route) }, t('signIn')),
      h('p', { class: 'quiet' }, t('signIn.patients')),
    ),
  );
}

/** Somebody who is signed in elsewhere. @param {{session: Session}} props */
export function WrongPlace({ session }) {
  const person = /** @type {import('./session.js').SignedIn} */ (session.person);
  const own = person.clientType === 'PATIENT' ? chatUrl(person, person.id) : inboxUrl(person);
  return h(
    Door,
    null,
    h(
      State,
      { id: 'wrong-place', icon: 'lock', heading: true, title: t('wrongPlace'), text: t(person.clientType === 'PATIENT' ? 'wrongPlace.patient' : 'wrongPlace.team') },
      h(Link, { class: 'button primary', href: own, 'data-testid': 'own-place' }, t(person.clientType === 'PATIENT' ? 'wrongPlace.own.patient' : 'wrongPlace.own.team')),
      h('button', { type: 'button', class: 'button', 'data-testid': 'sign-out', onClick: () => void session.signOut().catch(() => session.refresh()) }, t('signOut')),
    ),
  );
}

export function NotFound() {
  return h(Door, null, h(State, { id: 'not-found', icon: 'search', heading: true, title: t('notFound'), text: t('notFound.text') }));
}

/** Neither words nor an answer of the service. @param {{fault: ApiError, again: () => void}} props */
export function NoService({ fault, again }) {
  return h(
    Door,
    null,
    h(State, { id: 'no-service', icon: 'cloud', heading: true, title: t('failure.title'), text: reason(fault) }, h('button', { type: 'button', class: 'button primary', onClick: again }, t('again'))),
  );
}

/** What a sign-in link opens. Only the button uses the link up: programs that look at mail open links too. @param {{session: Session, route: Route}} props */
export function LinkPage({ session, route }) {
  // Somebody whose sign-in failed, and where they wanted to go is not known any more, comes here too.
  const failed = route.state.has('sign-in');
  const [token] = useState(failed ? '' : route.fragment);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(/** @type {ApiError | null} */ (null));
  useEffect(() => void (document.title = `${t('link.title')} – carechat`), []);
  const open = async () => {
    setBusy(true);
    setFault(null);
    try {
      const person = await session.useLink(token);
      router.go(chatUrl(person, person.id), { replace: true });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setFault(problem);
      setBusy(false);
    }
  };
  const used = token === '' || fault?.status === 401 || fault?.status === 400;
  return h(
    Door,
    null,
    failed
      ? h(State, { id: 'sign-in-failed', icon: 'lock', heading: true, title: t('signIn.failed'), text: t('signIn.refused') })
      : used
      ? h(State, { id: 'link-used', icon: 'clock', heading: true, title: t('link.used'), text: t('link.used.text') })
      : h(
          State,
          { id: 'link', icon: 'chat', heading: true, title: t('link.title'), text: t('link.text') },
          fault && h('p', { class: 'notice bad', role: 'alert' }, reason(fault)),
          h('button', { type: 'button', class: 'button primary', id: 'open-conversation', disabled: busy, onClick: () => void open() }, t('link.open')),
        ),
  );
}
