// Writes the pacts of a made-up partner as the JavaScript Pact library does: one that the service keeps, and one that it does not; one
// of what it does with webhooks, events and read markers; and one of a receiver of webhooks, with a message in each of their forms.
import { MatchersV3, PactV3, PactV4, SpecificationVersion } from '@pact-foundation/pact';

const { fromProviderState, like, regex, uuid } = MatchersV3;
const dir = process.argv[2] ?? 'pacts';
const patient = '5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab';
const path = `/api/v1/test-den/chat2/patients/${patient}/messages`;
const anyPath = fromProviderState('/api/v1/${tenantName}/${instanceName}/patients/${patientId}/messages', path);
const headers = { 'X-API-KEY': 'example' };

const call = async (server, url, init = {}) => {
  const answer = await fetch(server.url + url, { ...init, headers: { ...headers, ...init.headers } });
  await answer.text();
};

const kept = new PactV3({ consumer: 'js-portal', provider: 'carechat', dir, logLevel: 'error' });
kept.given('no chat').uponReceiving('a first message').withRequest({
  method: 'POST', path: anyPath, headers: { ...headers, 'Content-Type': 'application/json' }, body: { message: 'hello' },
}).willRespondWith({
  status: 201,
  body: { message: 'hello', externalId: regex(/^IM[0-9a-f]{32}$/, 'IM6f03096c79094f9b9466c7d009073ca1') },
});
await kept.executeTest(server =>
  call(server, path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"message":"hello"}' }));
kept.given('a chat with messages').uponReceiving('a page of a chat').withRequest({
  method: 'GET', path: anyPath, query: { pageSize: '2' }, headers,
}).willRespondWith({ status: 200, body: { meta: { found: true, pageSize: 2 } } });
await kept.executeTest(server => call(server, `${path}?pageSize=2`));

const differing = new PactV4({
  consumer: 'js-differing', provider: 'carechat', dir, logLevel: 'error', spec: SpecificationVersion.SPECIFICATION_VERSION_V4,
});
await differing.addInteraction().given('no chat').uponReceiving('an empty page that is found')
  .withRequest('GET', anyPath, request => request.headers(headers))
  .willRespondWith(200, response => response.jsonBody({ meta: { found: true, total: like(1) } }))
  .executeTest(server => call(server, path));
await differing.addInteraction().given('a full moon').uponReceiving('a request in an unknown state')
  .withRequest('GET', anyPath, request => request.headers(headers))
  .willRespondWith(200).executeTest(server => call(server, path));

const keeper = new PactV3({ consumer: 'js-keeper', provider: 'carechat', dir, logLevel: 'error' });
const api = '/api/v1/test-den/chat2';
const webhookId = 'we01a205fc201575578fae54cb009e666a';
const deliveryId = 'WH01a205fc20247ee0b2935dff50fe5af7';
const dead = { state: 'DEAD' };
const oneDelivery = fromProviderState(
  '/api/v1/${tenantName}/${instanceName}/webhooks/${webhookId}/deliveries/${deliveryId}',
  `${api}/webhooks/${webhookId}/deliveries/${deliveryId}`);
const given = async (state, parameters, description, request, status, body) => {
  keeper.given(state, parameters).uponReceiving(description).withRequest({ headers, ...request }).willRespondWith({ status, body });
  await keeper.executeTest(server => {
    const path = request.path.value ?? request.path;
    const query = Object.entries(request.query ?? {}).map(([name, value]) => `${name}=${value.value ?? value}`).join('&');
    const init = request.body ? { body: JSON.stringify(request.body), headers: { 'Content-Type': 'application/json' } } : {};
    return call(server, query ? `${path}?${query}` : path, { method: request.method, ...init });
  });
};
const oneWebhook = fromProviderState('/api/v1/${tenantName}/${instanceName}/webhooks/${webhookId}', `${api}/webhooks/${webhookId}`);
await given('a webhook endpoint', { payload: 'THIN', enabled: 'false' }, 'an endpoint', { method: 'GET', path: oneWebhook }, 200,
  { webhookId: fromProviderState('${webhookId}', webhookId), payload: 'THIN', enabled: false });
await given('a webhook endpoint', {}, 'to delete an endpoint', { method: 'DELETE', path: oneWebhook }, 204);
await given('a webhook delivery', {}, 'a delivery', { method: 'GET', path: oneDelivery }, 200,
  { deliveryId: fromProviderState('${deliveryId}', deliveryId), state: 'DELIVERED', attemptCount: 1 });
await given('a webhook delivery', dead, 'to make a dead delivery again', {
  method: 'POST', path: fromProviderState(
    '/api/v1/${tenantName}/${instanceName}/webhooks/${webhookId}/deliveries/${deliveryId}/redeliver',
    `${api}/webhooks/${webhookId}/deliveries/${deliveryId}/redeliver`),
}, 202, { state: 'PENDING', externalId: fromProviderState('${externalId}', 'IM6f03096c79094f9b9466c7d009073ca1') });
await given('a webhook delivery', dead, 'to make all that is dead again', {
  method: 'POST', path: fromProviderState(
    '/api/v1/${tenantName}/${instanceName}/webhooks/${webhookId}/deliveries/redeliver',
    `${api}/webhooks/${webhookId}/deliveries/redeliver`),
  headers: { ...headers, 'Content-Type': 'application/json' }, body: { state: 'DEAD' },
}, 202, { count: 1 });
await given('a webhook delivery', { state: 'PENDING' }, 'what waits for a disabled endpoint', {
  method: 'GET', path: fromProviderState(
    '/api/v1/${tenantName}/${instanceName}/webhooks/${webhookId}/deliveries', `${api}/webhooks/${webhookId}/deliveries`),
  query: { state: 'PENDING' },
}, 200, { meta: { pageSize: 1 }, content: [{ state: 'PENDING', attemptCount: 0, nextAttemptAt: null }] });
await given('a chat with messages', { count: '1', text: 'hello ' }, 'the events of a chat after a place', {
  method: 'GET', path: fromProviderState('/api/v1/${tenantName}/${instanceName}/patients/${patientId}/events',
    `${api}/patients/${patient}/events`),
  query: { after: fromProviderState('${after}', '7421-980') },
}, 200, { events: [{ type: 'message.sent', message: { message: 'hello 1' } }], more: false });
await given('a chat that was read', { clientType: 'PATIENT' }, 'a chat that its patient has read', {
  method: 'GET', path: fromProviderState('/api/v1/${tenantName}/${instanceName}/patients/${patientId}', `${api}/patients/${patient}`),
}, 200, {
  messageCount: 3,
  readMarkers: [{ clientType: 'PATIENT', externalId: fromProviderState('${externalId}', 'IM6f03096c79094f9b9466c7d009073ca1') }],
});
await given('a chat with messages', { count: '2', text: 'hello ' }, 'the newest chat that the care team has not read', {
  method: 'GET', path: fromProviderState('/api/v1/${tenantName}/${instanceName}/patients', `${api}/patients`),
  query: { pageSize: '1', unreadBy: 'CARE_TEAM' },
}, 200, {
  meta: { found: true, pageSize: 1 },
  content: [{
    patientId: fromProviderState('${patientId}', patient), lastMessage: { message: 'hello 2' }, unread: { patient: 0, careTeam: 2 },
  }],
});

const receiver = new PactV4({
  consumer: 'js-receiver', provider: 'carechat', dir, logLevel: 'error', spec: SpecificationVersion.SPECIFICATION_VERSION_V4,
});
const externalId = regex(/^IM[0-9a-f]{32}$/, 'IM6f03096c79094f9b9466c7d009073ca1');
const timestamp = regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, '2021-02-08T17:17:29.000Z');
const place = { tenantName: 'test-den', instanceName: 'chat2' };
const told = (description, parameters, body) =>
  receiver.addAsynchronousInteraction().given('a message for a webhook', parameters)
    .expectsToReceive(description, message => {
      message.withJSONContent(body);
      message.withMetadata({ 'webhook-id': regex(/^WH[0-9a-f]{32}$/, 'WH0197834d6b2c7c5e9a1f3b5d7e9f1a2b') });
    })
    .executeTest(async message => JSON.stringify(message.contents));
await told('a message of a patient, in its five members', { payload: 'SOURCE', message: 'hello' }, {
  patientId: uuid(patient), patientUrl: like('http://localhost:5000/'), ...place, message: 'hello',
});
await told('a message of the care team, in the envelope', { payload: 'STANDARD', message: 'hello', clientType: 'CARE_TEAM' }, {
  type: 'message.sent', timestamp,
  data: {
    ...place, patientId: uuid(patient), patientUrl: like('http://localhost:5000/'),
    message: {
      sender: { clientType: 'CARE_TEAM', id: uuid('0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10'), titleName: like('Nurse') },
      message: 'hello', externalId, createdAt: timestamp,
    },
  },
});
await told('that a chat was read, in the envelope', { event: 'chat.read' }, {
  type: 'chat.read', timestamp, data: { ...place, patientId: uuid(patient), externalId, clientType: 'CARE_TEAM' },
});
await told('a message in its ids', { payload: 'THIN' }, {
  type: 'message.sent', timestamp, data: { ...place, patientId: uuid(patient), externalId },
});
await told('a test in its ids', { payload: 'THIN', event: 'webhook.ping' }, {
  type: 'webhook.ping', timestamp, data: { ...place, webhookId: like('we01a205fc201575578fae54cb009e666a') },
});
