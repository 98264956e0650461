// What a partner does with carechat, step by step, each step checked. Needs the variables of data/demo.env.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  ClientType,
  Configuration,
  MessagesApi,
  type Message,
  type MessageItem,
  type MessagePage,
  ResponseError,
} from 'carechat-client';
import { Webhook } from 'standardwebhooks';
import { check, setting, until } from './checks.js';
import { endpointSteps } from './endpoints.js';
import { instanceSteps } from './instance.js';
import { Receiver } from './receiver.js';
import { refused } from './refusals.js';
import { bySecondGenerator } from './second-generator.js';
import { vectors } from './vectors.js';

const url = setting('CARECHAT_URL');
const tenantName = setting('CARECHAT_TENANT');
const instanceName = setting('CARECHAT_INSTANCE');
const secret = setting('CARECHAT_WEBHOOK_SIGNING_KEY');
const webhookUrl = new URL(setting('CARECHAT_WEBHOOK_URL'));

const apiKey = setting('CARECHAT_API_KEY');
const configuration = new Configuration({ basePath: url, apiKey });
const messages = new MessagesApi(configuration);
const asPatient = new MessagesApi(
  new Configuration({ basePath: url, accessToken: setting('CARECHAT_PATIENT_TOKEN') }),
);
// A chat of our own, which nobody else writes to.
const patientId = randomUUID();
const chat = { tenantName, instanceName, patientId };

const receiver = new Receiver(setting('CARECHAT_WEBHOOK_API_KEY'), setting('CARECHAT_WEBHOOK_API_SECRET'));
receiver.trust('/', secret);
await receiver.listen(Number(webhookUrl.port));

// --- send

await check('an empty chat is an empty page, and has a token for what will come', async () => {
  const page = await messages.findMessages(chat);
  assert.deepEqual(page.content, []);
  assert.equal(page.meta.found, false);
  assert.equal(page.meta.nextPageToken, null);
  assert.ok(page.meta.prevPageToken);
});

const nurse = randomUUID();
const texts = ['one kestrel', 'two kestrels', 'Grüße, 你好 👋🏽', 'four <b>&amp;</b> "quoted" \\ \n\t line', 'five', 'six', 'seven'];
const sent: Message[] = [];
await check(`send ${texts.length} messages, as the patient and as the care team`, async () => {
  for (const [i, message] of texts.entries()) {
    const byCareTeam = i % 2 === 1;
    const stored = await messages.sendMessage({
      ...chat,
      newMessage: byCareTeam ? { message, sender: { id: nurse, titleName: 'Nurse' } } : { message },
      idempotencyKey: `key-${i}`,
    });
    assert.equal(stored.message, message);
    assert.deepEqual(
      stored.sender,
      byCareTeam
        ? { clientType: ClientType.CareTeam, id: nurse, titleName: 'Nurse' }
        : { clientType: ClientType.Patient, id: patientId, titleName: null },
    );
    assert.match(stored.externalId, /^IM[0-9a-f]{32}$/);
    const last = sent.at(-1);
    assert.ok(last === undefined || stored.createdAt > last.createdAt);
    sent.push(stored);
  }
});

await check('send the same again with the same Idempotency-Key: the first answer, marked as such', async () => {
  const again = await messages.sendMessageRaw({ ...chat, newMessage: { message: texts[0]! }, idempotencyKey: 'key-0' });
  assert.equal(again.raw.status, 201);
  assert.equal(again.raw.headers.get('Idempotent-Replayed'), 'true');
  assert.equal(again.raw.headers.get('Location')?.endsWith(`/messages/${sent[0]!.externalId}`), true);
  assert.deepEqual(await again.value(), sent[0]);
});

// --- find

const newestFirst = sent.toReversed();

await check('find to the end backwards, 3 at a time', async () => {
  const pages = await follow('nextPageToken', await messages.findMessages({ ...chat, pageSize: 3 }));
  assert.deepEqual(
    pages.map((page) => page.content.length),
    [3, 3, 1],
  );
  assert.deepEqual(
    pages.flatMap((page) => page.content).map((item) => item.message),
    newestFirst,
  );
});

const oldest = await check('get the oldest message with its tokens', async () => {
  const item = await messages.getMessage({ ...chat, externalId: sent[0]!.externalId });
  assert.deepEqual(item.message, sent[0]);
  return item;
});

const caughtUp = await check('find to the end forwards, 2 at a time', async () => {
  const first = await messages.findMessages({ ...chat, pageToken: oldest.meta.prevPageToken, pageSize: 2 });
  const pages: MessagePage[] = [first];
  while (pages.at(-1)!.meta.found) {
    pages.push(await messages.findMessages({ ...chat, pageToken: pages.at(-1)!.meta.prevPageToken }));
  }
  assert.deepEqual(
    pages.map((page) => page.content.length),
    [2, 2, 2, 0],
  );
  assert.deepEqual(
    pages.flatMap((page) => page.content.toReversed()).map((item) => item.message),
    sent.slice(1),
  );
  return pages.at(-1)!;
});

await check('what arrives later is found with the token kept', async () => {
  sent.push(await messages.sendMessage({ ...chat, newMessage: { message: 'eight, later' } }));
  const page = await messages.findMessages({ ...chat, pageToken: caughtUp.meta.prevPageToken });
  assert.deepEqual(
    page.content.map((item) => item.message),
    sent.slice(-1),
  );
});

// --- search, and from a hit to its surroundings

const hit = await check('search, with highlights, newest first', async () => {
  const page = await messages.searchMessages({ ...chat, query: 'kestrel', highlight: true });
  assert.deepEqual(
    page.content.map((item) => item.message),
    [sent[1], sent[0]],
  );
  assert.deepEqual(page.content[1]?.meta.highlights, ['one <em>kestrel</em>']);
  return page.content[0]!;
});

await check('search to the end, 1 at a time', async () => {
  const first = await messages.searchMessages({ ...chat, query: 'kestrel', pageSize: 1 });
  const pages = [first];
  while (pages.at(-1)!.meta.nextPageToken !== null) {
    pages.push(await messages.searchMessages({ ...chat, pageToken: pages.at(-1)!.meta.nextPageToken! }));
  }
  assert.deepEqual(
    pages.flatMap((page) => page.content).map((item) => item.message),
    [sent[1], sent[0]],
  );
});

await check('search by time and side, in the address and in the body', async () => {
  const wanted = { query: 'kestrel', from: sent[0]!.createdAt, to: sent[1]!.createdAt, clientType: ClientType.Patient };
  for (const page of [
    await messages.searchMessages({ ...chat, ...wanted }),
    await messages.searchMessagesByBody({ ...chat, messageSearch: wanted }),
  ]) {
    assert.deepEqual(
      page.content.map((item) => item.message),
      [sent[0]],
    );
  }
});

await check('jump from a hit to what is older and newer in the chat', async () => {
  const older = await messages.findMessages({ ...chat, pageToken: hit.meta.nextPageToken, pageSize: 1 });
  const newer = await messages.findMessages({ ...chat, pageToken: hit.meta.prevPageToken, pageSize: 1 });
  assert.deepEqual(contents(older), [sent[0]]);
  assert.deepEqual(contents(newer), [sent[2]]);
});

// --- the whole instance, and endpoints of one's own

await instanceSteps(configuration, { tenantName, instanceName });
await endpointSteps(configuration, { tenantName, instanceName }, receiver, webhookUrl);

// --- problems

await refused('400, every fault at once', 400, 'invalid-request', async () => {
  await messages.sendMessage({ ...chat, tenantName: 'No Tenant', newMessage: { message: ' ' } });
}, (problem) => {
  assert.deepEqual(
    problem.errors.map((fault) => fault.parameter ?? fault.pointer),
    ['tenantName', '/message'],
  );
});
await refused('400, a search without query and token', 400, 'invalid-request', () => messages.searchMessages(chat));
await refused('400, a token that is none', 400, 'invalid-page-token', () =>
  messages.findMessages({ ...chat, pageToken: 'e30=' }),
);
await refused("400, a search's token for a find", 400, 'invalid-page-token', async () => {
  const page = await messages.searchMessages({ ...chat, query: 'kestrel' });
  await messages.findMessages({ ...chat, pageToken: page.meta.prevPageToken });
});
await refused('401, no valid key', 401, 'unauthenticated', () =>
  new MessagesApi(new Configuration({ basePath: url, apiKey: 'wrong' })).findMessages(chat),
);
await refused('403, another tenant', 403, 'forbidden', () => messages.findMessages({ ...chat, tenantName: 'other' }));
await refused("403, another patient's chat by a patient's token", 403, 'forbidden', () =>
  asPatient.sendMessage({ ...chat, newMessage: { message: 'not mine' } }),
);
await refused('404, no such message', 404, 'not-found', () =>
  messages.getMessage({ ...chat, externalId: `IM${'0'.repeat(32)}` }),
);
await refused('405, another method', 405, 'method-not-allowed', () => messages.findMessages(chat, { method: 'DELETE' }));
await refused('406, an answer that there is not', 406, 'not-acceptable', () =>
  messages.findMessages(chat, { headers: { 'X-API-KEY': apiKey, Accept: 'text/html' } }),
);
await refused('413, too large a body', 413, 'payload-too-large', () =>
  messages.sendMessage({ ...chat, newMessage: { message: 'x'.repeat(140_000) } }),
);
await refused('414, too long an address', 414, 'uri-too-long', () =>
  messages.searchMessages({ ...chat, query: 'x'.repeat(20_000) }),
);
await refused('415, a body that is not declared as JSON', 415, 'unsupported-media-type', () =>
  messages.sendMessage(
    { ...chat, newMessage: { message: 'plain' } },
    { headers: { 'X-API-KEY': apiKey, 'Content-Type': 'text/plain' } },
  ),
);
await refused('422, the same Idempotency-Key for another message', 422, 'idempotency-key-reused', () =>
  messages.sendMessage({ ...chat, newMessage: { message: 'another' }, idempotencyKey: 'key-0' }),
);
await refused('431, too long headers', 431, 'headers-too-large', () =>
  messages.findMessages(chat, { headers: { 'X-API-KEY': apiKey, 'X-Filler': 'x'.repeat(20_000) } }),
);
const limitedPatient = setting('CARECHAT_PATIENT_ID');
await refusedForAWhile('429, too many requests', 429, 'too-many-requests', 'CARECHAT_LIMITED_BASE', limitedPatient);
// Of three reads of this patient's chat the sandbox refuses the first two: see docs/sandbox.md.
const unavailable = '00000000-0000-4000-8000-000000000503';
await refusedForAWhile('503, not available now', 503, 'unavailable', 'CARECHAT_SANDBOX_BASE', unavailable);
await check('503, but not for ever: a later try succeeds', async () => {
  for (let i = 0; ; i++) {
    const read = at('CARECHAT_SANDBOX_BASE').findMessages({ ...chat, patientId: unavailable });
    const done = await read.then(
      () => true,
      (fault: unknown) => {
        assert.equal((fault as ResponseError).response.status, 503);
        return false;
      },
    );
    if (done) return;
    assert.ok(i < 2, 'the third try');
  }
});

// --- a later version of the service

await check('what a later version may add is borne', async () => {
  const later = { ...(await (await messages.findMessagesRaw({ ...chat, pageSize: 1 })).raw.json()), addition: 1 };
  later.content[0].message.sender.clientType = 'ROBOT';
  const fetchApi = async (): Promise<Response> =>
    new Response(JSON.stringify(later), { headers: { 'Content-Type': 'application/json' } });
  const page = await new MessagesApi(new Configuration({ fetchApi })).findMessages(chat);
  assert.equal(page.content[0]?.message.sender.clientType as string, 'ROBOT');
});

// --- another generator, and webhooks

await bySecondGenerator(url, apiKey, chat);

await check('each message came by webhook, signed, once, in order', async () => {
  const ours = () => receiver.messages.filter((message) => message.patientId === patientId);
  const expected = [...sent.map((message) => message.message), 'By the second generator'];
  await until('every delivery', 30, () => ours().length >= expected.length);
  assert.deepEqual(
    ours().map((message) => message.message),
    expected,
  );
  const first = ours()[0]!;
  assert.deepEqual(Object.keys(first), ['patientId', 'patientUrl', 'tenantName', 'instanceName', 'message']);
  assert.equal(first.tenantName, tenantName);
  assert.equal(first.instanceName, instanceName);
  assert.ok(first.patientUrl.endsWith(`/${tenantName}/${instanceName}/patients/${patientId}`));
});

await check('a delivery that was parsed and written again does not verify', () => {
  const { headers, raw } = receiver.callsOf('/')[0]!;
  const webhook = new Webhook(secret);
  const message = webhook.verify(raw, headers);
  assert.throws(() => webhook.verify(JSON.stringify(message, null, 1), headers), /No matching signature/);
});

await receiver.close();
await vectors();
console.log('TypeScript: everything is as it should be.');

// ---

function contents(page: MessagePage): Message[] {
  return page.content.map((item: MessageItem) => item.message);
}

/** The page given, and all that its tokens lead to. */
async function follow(token: 'nextPageToken', first: MessagePage): Promise<MessagePage[]> {
  const pages = [first];
  for (let next = first.meta[token]; next !== null; next = pages.at(-1)!.meta[token]) {
    pages.push(await messages.findMessages({ ...chat, pageToken: next }));
  }
  return pages;
}

/** Messages at one of the sandbox's addresses. */
function at(base: string): MessagesApi {
  return new MessagesApi(new Configuration({ basePath: setting(base).replace(/\/api\/v1\/.*/, ''), apiKey }));
}

/** Reads at the sandbox until it refuses, which says when to try again. */
async function refusedForAWhile(what: string, status: number, code: string, base: string, whose: string): Promise<void> {
  await refused(
    what,
    status,
    code,
    async () => {
      for (let i = 0; i < 20; i++) {
        await at(base).findMessages({ ...chat, patientId: whose, pageSize: 1 });
      }
    },
    (_, response) => assert.match(response.headers.get('Retry-After') ?? '', /^[1-9][0-9]?$/),
  );
}
