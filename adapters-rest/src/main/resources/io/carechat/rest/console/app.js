/**
 * The page for people: the care team's inbox, conversations, and the webhooks of an instance.
 *
 * Tests find things by `data-testid` (and mostly by the same `id`); `docs/page.md` lists them.
 */
import { h, render } from './preact.js';
import { useEffect, useMemo, useRef, useState } from './hooks.js';
import { Api } from './api.js';
import { EndingSoon, GoesOn, LinkPage, NoService, NotFound, SignedOut, TopBar, WrongPlace } from './account.js';
import { basePath, chatUrl, router } from './router.js';
import { Chats } from './chats.js';
import { Conversation } from './conversation.js';
import { language, t } from './i18n.js';
import { Inbox, NoChat } from './lists.js';
import { Live } from './live.js';
import { Outboxes } from './outbox.js';
import { Session } from './session.js';
import { shortId } from './text.js';
import { PageContext, announce, useChanges } from './ui.js';
import { Webhooks } from './webhooks.js';

/** @param {{session: Session}} props */
function App({ session }) {
  useChanges(session);
  useChanges(language);
  const { route } = useChanges(router);
  const { person } = session;
  useEffect(() => {
    if (!person) document.title = 'carechat';
  }, [person]);
  if (route.name === 'not-found') return h(NotFound, null);
  if (route.name === 'sign-in') return h(LinkPage, { session, route, key: route.fragment });
  if (session.fault && !session.known) return h(NoService, { fault: session.fault, again: () => void session.refresh() });
  if (!session.known) return null;
  if (!person) return session.goesOn(route) ? h(GoesOn, { session, route }) : h(SignedOut, { session, route });
  const elsewhere = person.tenantName !== route.tenantName || person.instanceName !== route.instanceName;
  const ofAnother = person.clientType === 'PATIENT' && route.name === 'conversation' && route.patientId !== person.id;
  if (elsewhere || ofAnother) return h(WrongPlace, { session });
  return h(Signed, { session, person, key: `${person.clientType} ${person.id}` });
}

/** @param {{session: Session, person: import('./session.js').SignedIn}} props */
function Signed({ session, person }) {
  const { route } = useChanges(router);
  const isTeam = person.clientType === 'CARE_TEAM';
  const page = useMemo(() => {
    const api = new Api(person, () => session.csrfToken, (status, token) => session.refused(status, token));
    const stream = isTeam ? 'events/stream' : `patients/${person.id}/events/stream`;
    return {
      session,
      person,
      api,
      outboxes: new Outboxes(person, (patientId, text, key) => api.send(patientId, text, key)),
      chats: new Chats(api),
      live: new Live(
        api.url(stream),
        `carechat:live:${basePath}${person.tenantName}/${person.instanceName}/${person.clientType}/${person.id}`,
        () => void session.refresh(),
      ),
    };
  }, []);
  useEffect(() => {
    const unfollow = isTeam
      ? page.live.follow(
          (event) => page.chats.hear(event),
          () => void page.chats.open(),
        )
      : () => {};
    return () => {
      unfollow();
      page.live.stop();
      page.outboxes.stop();
      // The last messages that were announced are not for whoever comes next.
      document.getElementById('announcer')?.replaceChildren();
    };
  }, []);
  useChanges(page.chats);
  const webhooks = route.name === 'inbox' && /^webhooks(\/|$)/.test(route.fragment);
  const patientId = route.name === 'conversation' ? route.patientId : isTeam ? '' : person.id;

  useEffect(() => {
    // A patient has one conversation, wherever they come in.
    if (!isTeam && route.name !== 'conversation') router.go(chatUrl(person, person.id), { replace: true });
  }, [route.name]);

  const unread = page.chats.unreadCount;
  useEffect(() => {
    const name = patientId && isTeam ? t('patient', { id: shortId(patientId) }) : t(webhooks ? 'webhooks' : isTeam ? 'inbox' : 'careTeam.yours');
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} – carechat`;
  });

  // The focus goes with the reader, but not when they have just arrived from elsewhere.
  const came = useRef({ patientId, webhooks, first: true });
  const arriving = !came.current.first;
  useEffect(() => {
    const from = came.current;
    came.current = { patientId, webhooks, first: false };
    if (from.first || webhooks || patientId) return;
    const row = document.querySelector(`#chats a[data-patient="${CSS.escape(from.patientId)}"]`);
    const place = /** @type {HTMLElement | null} */ (row ?? document.getElementById('inbox-title'));
    place?.focus();
  }, [patientId, webhooks]);

  const view = webhooks ? 'webhooks' : patientId ? 'conversation' : 'inbox';
  return h(
    PageContext.Provider,
    { value: page },
    h(
      'div',
      { class: 'page-grid', 'data-view': view, 'data-side': person.clientType },
      h(TopBar, null),
      h(Connection, { live: page.live }),
      h(
        'main',
        { id: 'main', class: isTeam ? 'panes' : 'panes single', tabIndex: -1 },
        webhooks
          ? h(Webhooks, { path: route.fragment })
          : [
              isTeam && h(Inbox, { key: 'inbox', current: patientId }),
              patientId
                ? h(Conversation, { key: patientId, patientId, arriving })
                : h('div', { class: 'conversation none', key: 'none' }, h(NoChat, null)),
            ],
      ),
    ),
    session.ending && h(EndingSoon, { session }),
  );
}

/** Says that nothing new can come. @param {{live: Live}} props */
function Connection({ live }) {
  useChanges(live);
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  const words = !online ? t('connection.offline') : live.state === 'lost' ? t('connection.lost') : '';
  const before = useRef('');
  useEffect(() => {
    if (words === '' && before.current !== '') announce(t('connection.back'));
    before.current = words;
  }, [words]);
  return h('div', { role: 'status', class: 'connection-place' }, words && h('p', { class: 'connection', id: 'connection', 'data-testid': 'connection' }, words));
}

async function start() {
  router.start();
  const session = new Session();
  await Promise.all([language.start(), session.start()]);
  render(h(App, { session }), /** @type {HTMLElement} */ (document.getElementById('app')));
}

start().catch(() => {
  // Without its words the page can say only this.
  const app = /** @type {HTMLElement} */ (document.getElementById('app'));
  app.textContent = 'This page could not be loaded. Please try again. – Diese Seite konnte nicht geladen werden.';
});
