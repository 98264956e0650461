/** The webhook endpoints of the instance, and what became of their deliveries. */
import { h } from './preact.js';
import { useEffect, useRef, useState } from './hooks.js';
import { chatUrl, inboxUrl } from './router.js';
import { ApiError } from './api.js';
import { shortTime, language, t } from './i18n.js';
import { shortId } from './text.js';
import { Failure, Link, Skeleton, State, announce, reason, usePage } from './ui.js';

/** @typedef {import('./api.js').Webhook} Webhook */
/** @typedef {import('./api.js').Delivery} Delivery */
/** @typedef {import('./api.js').DeliveryWithAttempts} DeliveryWithAttempts */

const PAGE = 50;
const STATES = ['PENDING', 'DELIVERED', 'DEAD'];

/** @param {string} part of an address, which somebody may have written by hand */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {{path: string}} props path: `webhooks`, `webhooks/ENDPOINT` or `webhooks/ENDPOINT/DELIVERY` */
export function Webhooks({ path }) {
  const { person } = usePage();
  const [, webhookId, deliveryId] = path.split('/').map(decoded);
  const title = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) title.current?.focus();
    first.current = false;
  }, [path]);
  const crumbs = [
    { name: t('webhooks'), href: inboxUrl(person, 'webhooks') },
    webhookId && { name: webhookId, href: inboxUrl(person, `webhooks/${encodeURIComponent(webhookId)}`) },
    deliveryId && { name: t('delivery'), href: '' },
  ].filter((crumb) => crumb !== undefined && crumb !== '');
  const last = /** @type {{name: string}} */ (crumbs.at(-1));
  return h(
    'section',
    { class: 'webhooks', id: 'webhooks', 'aria-labelledby': 'webhooks-title' },
    h(
      'div',
      { class: 'page' },
      crumbs.length > 1 &&
        h(
          'nav',
          { 'aria-label': t('crumbs'), class: 'crumbs' },
          h('ol', null, crumbs.slice(0, -1).map((crumb) => typeof crumb === 'object' && h('li', { key: crumb.href }, h(Link, { href: crumb.href }, crumb.name)))),
        ),
      h('h1', { id: 'webhooks-title', ref: title, tabIndex: -1 }, last.name),
      !person.scopes.includes('webhooks:manage')
        ? h(State, { id: 'webhooks-forbidden', icon: 'lock', title: t('forbidden.title'), text: t('forbidden.text') })
        : deliveryId
          ? h(DeliveryView, { webhookId, deliveryId, key: deliveryId })
          : webhookId
            ? h(Endpoint, { webhookId, key: webhookId })
            : h(Endpoints, null),
    ),
  );
}

/**
 * Reads something once, and again when asked to.
 *
 * @template T
 * @param {() => Promise<T>} read
 * @param {unknown[]} inputs read anew when they change
 */
function useRead(read, inputs) {
  const [state, setState] = useState(/** @type {{value?: T, fault?: ApiError}} */ ({}));
  const turn = useRef(0);
  const load = async () => {
    const mine = ++turn.current;
    try {
      const value = await read();
      if (mine === turn.current) setState({ value });
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (mine === turn.current) setState({ fault });
    }
  };
  useEffect(() => {
    setState({});
    void load();
    return () => void turn.current++;
  }, inputs);
  return { ...state, load, setValue: (/** @type {T} */ value) => setState({ value }) };
}

function Endpoints() {
  const { api, live, person } = usePage();
  const { value, fault, load } = useRead(() => api.webhooks(), []);
  useEffect(() => live.follow((event) => void (event.webhook && load()), load), [live]);
  if (fault) return h(Failure, { id: 'webhooks-failed', fault, again: load });
  if (!value) return h(Skeleton, { kind: 'rows', rows: 3 });
  if (value.webhooks.length === 0) {
    return h(State, { id: 'webhooks-empty', icon: 'hook', title: t('webhooks.empty'), text: t('webhooks.empty.text') });
  }
  return h(
    'ul',
    { class: 'cards', 'data-testid': 'endpoints' },
    value.webhooks.map((webhook) =>
      h(
        'li',
        { key: webhook.webhookId },
        h(
          Link,
          { class: 'card', href: inboxUrl(person, `webhooks/${encodeURIComponent(webhook.webhookId)}`), 'data-testid': 'endpoint' },
          h('span', { class: 'card-title', dir: 'ltr' }, webhook.url),
          h(EndpointState, { webhook }),
          h('span', { class: 'card-text' }, h('bdi', null, webhook.description || webhook.webhookId), ' · ', webhook.payload),
        ),
      ),
    ),
  );
}

/** @param {{webhook: Webhook}} props */
function EndpointState({ webhook }) {
  const [kind, words] = !webhook.enabled
    ? ['bad', t(webhook.disabledReason && language.knows(`webhook.disabled.${webhook.disabledReason}`) ? `webhook.disabled.${webhook.disabledReason}` : 'webhook.disabled')]
    : webhook.failingSince
      ? ['warn', t('webhook.failing', { time: shortTime(new Date(webhook.failingSince)) })]
      : ['good', t('webhook.enabled')];
  return h('span', { class: `tag ${kind}`, 'data-testid': 'endpoint-state' }, words);
}

/** @param {{webhookId: string}} props */
function Endpoint({ webhookId }) {
  const { api, person } = usePage();
  const [state, setState] = useState('');
  const endpoints = useRead(() => api.webhooks(), []);
  const webhook = endpoints.value?.webhooks.find((one) => one.webhookId === webhookId);
  const list = useRead(() => api.deliveries(webhookId, { state: state || null, pageSize: PAGE }), [state]);
  const [moreFault, setMoreFault] = useState(false);
  const page = list.value;
  const more = async () => {
    if (!page) return;
    setMoreFault(false);
    try {
      const next = await api.deliveries(webhookId, { state: state || null, pageToken: page.meta.nextPageToken, pageSize: PAGE });
      list.setValue({ meta: next.meta, content: [...page.content, ...next.content] });
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      setMoreFault(true);
    }
  };
  return [
    webhook &&
      h(
        'dl',
        { class: 'facts', 'data-testid': 'endpoint-facts' },
        fact(t('webhook.state'), h(EndpointState, { webhook })),
        fact('URL', h('span', { dir: 'ltr', class: 'break' }, webhook.url)),
        webhook.description && fact(t('webhook.description'), h('bdi', null, webhook.description)),
        fact(t('webhook.payload'), webhook.payload),
        fact(t('webhook.events'), webhook.eventTypes.join(', ')),
        fact(t('webhook.managed'), t(webhook.managed === 'CONFIGURATION' ? 'webhook.managed.operator' : 'webhook.managed.api')),
      ),
    h(
      'div',
      { class: 'bar' },
      h('h2', { id: 'deliveries-title' }, t('deliveries')),
      h(
        'label',
        { class: 'field' },
        h('span', null, t('deliveries.state')),
        h(
          'select',
          { id: 'delivery-state', value: state, onChange: (/** @type {any} */ event) => setState(event.currentTarget.value) },
          h('option', { value: '' }, t('deliveries.all')),
          STATES.map((one) => h('option', { value: one, key: one }, t(`delivery.${one}`))),
        ),
      ),
      h('button', { type: 'button', class: 'button', 'data-testid': 'refresh', onClick: () => void list.load() }, t('refresh')),
    ),
    list.fault?.status === 404
      ? h(State, { id: 'webhook-unknown', icon: 'hook', title: t('webhook.unknown'), text: t('webhook.unknown.text') })
      : list.fault
        ? h(Failure, { id: 'deliveries-failed', fault: list.fault, again: () => void list.load() })
        : !page
          ? h(Skeleton, { kind: 'rows', rows: 6 })
          : page.content.length === 0
            ? h(State, { id: 'deliveries-empty', icon: 'inbox', title: t('deliveries.empty'), text: t('deliveries.empty.text') })
            : h(
                'ul',
                { class: 'cards', 'data-testid': 'deliveries', 'aria-labelledby': 'deliveries-title' },
                page.content.map((delivery) =>
                  h(
                    'li',
                    { key: delivery.deliveryId },
                    h(
                      Link,
                      {
                        class: 'card',
                        'data-testid': 'delivery',
                        href: inboxUrl(person, `webhooks/${encodeURIComponent(webhookId)}/${encodeURIComponent(delivery.deliveryId)}`),
                      },
                      h('span', { class: 'card-title' }, delivery.event.type, ' · ', t('patient', { id: shortId(delivery.patientId) })),
                      h(DeliveryState, { delivery }),
                      h(
                        'span',
                        { class: 'card-text' },
                        h('time', { dateTime: delivery.createdAt }, shortTime(new Date(delivery.createdAt))),
                        ' · ',
                        t('delivery.attempts', { count: delivery.attemptCount }),
                      ),
                    ),
                  ),
                ),
              ),
    page?.meta.nextPageToken &&
      !list.fault &&
      h('button', { type: 'button', class: 'button more', 'data-testid': 'more-deliveries', onClick: () => void more() }, t(moreFault ? 'again' : 'deliveries.more')),
  ];
}

/** @param {{delivery: Delivery}} props */
function DeliveryState({ delivery: { state } }) {
  const kind = { DELIVERED: 'good', DEAD: 'bad' }[/** @type {string} */ (state)] ?? 'warn';
  return h('span', { class: `tag ${kind}`, 'data-testid': 'delivery-state-tag' }, language.knows(`delivery.${state}`) ? t(`delivery.${state}`) : state);
}

/** @param {{webhookId: string, deliveryId: string}} props */
function DeliveryView({ webhookId, deliveryId }) {
  const { api, person } = usePage();
  const { value: delivery, fault, load } = useRead(() => api.delivery(webhookId, deliveryId), []);
  const [said, setSaid] = useState(/** @type {{bad: boolean, words: string} | null} */ (null));
  const [busy, setBusy] = useState(false);
  const again = async () => {
    setBusy(true);
    try {
      await api.redeliver(webhookId, deliveryId);
      setSaid({ bad: false, words: t('delivery.again.done') });
      announce(t('delivery.again.done'));
      await load();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      const words = problem.status === 409 ? problem.detail : reason(problem);
      setSaid({ bad: true, words });
      announce(words);
    }
    setBusy(false);
  };
  if (fault?.status === 404) {
    return h(State, { id: 'delivery-unknown', icon: 'hook', title: t('delivery.unknown'), text: t('delivery.unknown.text') });
  }
  if (fault) return h(Failure, { id: 'delivery-failed', fault, again: () => void load() });
  if (!delivery) return h(Skeleton, { kind: 'rows', rows: 5 });
  const time = (/** @type {string} */ at) => h('time', { dateTime: at }, shortTime(new Date(at)));
  return [
    h(
      'dl',
      { class: 'facts', 'data-testid': 'delivery-facts' },
      fact(t('webhook.state'), h(DeliveryState, { delivery })),
      fact(t('delivery.id'), h('code', { class: 'break' }, delivery.deliveryId)),
      fact(t('delivery.event'), delivery.event.type),
      fact(t('side.patient'), h(Link, { href: chatUrl(person, delivery.patientId, { at: delivery.externalId }) }, t('patient', { id: shortId(delivery.patientId) }))),
      fact(t('delivery.created'), time(delivery.createdAt)),
      delivery.redeliveredAt && fact(t('delivery.redelivered'), time(delivery.redeliveredAt)),
      delivery.nextAttemptAt && fact(t('delivery.next'), time(delivery.nextAttemptAt)),
      delivery.waitsFor && fact(t('delivery.waitsFor'), h('code', { class: 'break' }, delivery.waitsFor)),
    ),
    h(
      'div',
      { class: 'bar' },
      h('button', { type: 'button', class: 'button primary', id: 'redeliver', disabled: busy, onClick: () => void again() }, t('delivery.again')),
      h('button', { type: 'button', class: 'button', 'data-testid': 'refresh', onClick: () => void load() }, t('refresh')),
      said && h('p', { class: said.bad && 'bad', 'data-testid': 'redeliver-outcome' }, said.words),
    ),
    h('h2', null, t('attempts')),
    delivery.attempts.length === 0
      ? h('p', { class: 'quiet' }, t('attempts.empty'))
      : h(
          'ol',
          { class: 'attempts', 'data-testid': 'attempts', reversed: true },
          delivery.attempts.toReversed().map((attempt) => {
            const ok = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
            return h(
              'li',
              { key: attempt.attempt, value: attempt.attempt, 'data-testid': 'attempt' },
              h('span', { class: `tag ${ok ? 'good' : 'bad'}` }, attempt.status === null ? t('attempt.none') : String(attempt.status)),
              ' ',
              time(attempt.endedAt),
              h('span', { class: 'quiet' }, ' · ', t('attempt.took', { millis: attempt.tookMillis })),
              attempt.failure && h('p', { class: 'attempt-text' }, attempt.failure),
              attempt.answer && h('pre', { class: 'attempt-answer', dir: 'auto' }, attempt.answer),
            );
          }),
        ),
  ];
}

/**
 * @param {string} name
 * @param {import('./preact.js').ComponentChildren} value
 */
function fact(name, value) {
  return h('div', { key: name }, h('dt', null, name), h('dd', null, value));
}
