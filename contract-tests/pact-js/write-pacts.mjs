// Writes the pacts of a made-up partner as the JavaScript Pact library does: one that the service keeps, and one that it does not.
import { MatchersV3, PactV3, PactV4, SpecificationVersion } from '@pact-foundation/pact';

const { fromProviderState, like, regex } = MatchersV3;
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
