/** What those see who are not, or no longer, or wrongly signed in. */
import { h } from './preact.js';
import { useEffect, useState } from './hooks.js';
import { chatUrl, inboxUrl } from './address.js';
import { ApiError } from './api.js';
import { LanguageChoice } from './account.js';
import { t } from './i18n.js';
import { router } from './router.js';
import { Link, State, reason } from './ui.js';

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./address.js').Route} Route */

/** A page with one thing on it. @param {{children?: import('preact').ComponentChildren}} props */
export function Door({ children }) {
  return h('main', { class: 'door', id: 'main', tabIndex: -1 }, h('div', { class: 'door-card' }, children), h('div', { class: 'door-foot' }, h(LanguageChoice, null)));
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
      h('a', { class: 'button primary', id: 'sign-in', 'data-testid': 'sign-in', href: session.loginUrl(route) }, t('signIn')),
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
  const [token] = useState(route.fragment);
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
    used
      ? h(State, { id: 'link-used', icon: 'clock', heading: true, title: t('link.used'), text: t('link.used.text') })
      : h(
          State,
          { id: 'link', icon: 'chat', heading: true, title: t('link.title'), text: t('link.text') },
          fault && h('p', { class: 'notice bad', role: 'alert' }, reason(fault)),
          h('button', { type: 'button', class: 'button primary', id: 'open-conversation', 'data-testid': 'open-conversation', disabled: busy, onClick: () => void open() }, t('link.open')),
        ),
  );
}

