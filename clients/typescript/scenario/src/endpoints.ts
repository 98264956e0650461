import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  ChatsApi,
  ClientType,
  type Configuration,
  type Delivery,
  DeliveriesApi,
  MessagesApi,
  WebhookEventType,
  WebhookManager,
  WebhookPayload,
  WebhooksApi,
  type WebhookWithSecret,
} from 'carechat-client';
import { Webhook } from 'standardwebhooks';
import { check, until } from './checks.js';
import type { Call, Path, Receiver } from './receiver.js';
import { refused } from './refusals.js';

const TEXT = 'Does it hurt when you breathe?';

/**
 * Webhook endpoints by the API: a partner creates one for each payload that has events, pings them, receives, replaces a secret,
 * looks into the delivery history, has a delivery made again, and deletes them.
 */
export async function endpointSteps(
  configuration: Configuration,
  place: { tenantName: string; instanceName: string },
  receiver: Receiver,
  receiverUrl: URL,
): Promise<void> {
  const messages = new MessagesApi(configuration);
  const chats = new ChatsApi(configuration);
  const webhooks = new WebhooksApi(configuration);
  const deliveries = new DeliveriesApi(configuration);
  const patientId = randomUUID();
  const chat = { ...place, patientId };

  const create = (payload: WebhookPayload, path: Path): Promise<WebhookWithSecret> =>
    check(`create a webhook endpoint with the payload ${payload}`, async () => {
      const url = new URL(path, receiverUrl).href;
      const eventTypes = [WebhookEventType.MessageSent, WebhookEventType.ChatRead];
      const created = await webhooks.createWebhook({ ...place, newWebhook: { url, payload, eventTypes } });
      receiver.trust(path, created.signingSecret);
      assert.equal(created.webhook.managed, WebhookManager.Api);
      assert.equal(created.webhook.version, 1);
      const { webhookId } = created.webhook;
      assert.deepEqual(await webhooks.getWebhook({ ...place, webhookId }), created.webhook);
      const all = (await webhooks.listWebhooks(place)).webhooks;
      assert.deepEqual(
        all.find((webhook) => webhook.webhookId === webhookId),
        created.webhook,
      );
      return created;
    });
  const standard = await create(WebhookPayload.Standard, '/standard');
  const thin = await create(WebhookPayload.Thin, '/thin');
  const endpoint = { ...place, webhookId: standard.webhook.webhookId };

  const ping = async (webhookId: string): Promise<void> => {
    const outcome = await webhooks.pingWebhook({ ...place, webhookId });
    assert.deepEqual({ ok: outcome.ok, status: outcome.status }, { ok: true, status: 204 });
  };
  await check('ping both, and receive that', async () => {
    await ping(standard.webhook.webhookId);
    await ping(thin.webhook.webhookId);
    for (const [event, { webhook }] of [
      [receiver.events.at(-1), standard],
      [receiver.thinEvents.at(-1), thin],
    ] as const) {
      assert.equal(event?.type, 'webhook.ping');
      assert.equal(event.data.webhookId, webhook.webhookId);
    }
  });

  const source = () => receiver.messages.filter((message) => message.patientId === patientId);
  const events = () => receiver.events.filter((event) => event.data.patientId === patientId);
  const thinEvents = () => receiver.thinEvents.filter((event) => event.data.patientId === patientId);

  const sent = await check('a message comes once in each form, SOURCE, STANDARD and THIN', async () => {
    const message = await messages.sendMessage({ ...chat, newMessage: { message: TEXT } });
    await until('a delivery in each form', 30, () =>
      [source(), events(), thinEvents()].every((delivered) => delivered.length > 0),
    );
    assert.deepEqual(
      source().map((delivered) => delivered.message),
      [TEXT],
    );
    const { type, timestamp, data } = events()[0]!;
    assert.equal(type, 'message.sent');
    assert.equal(timestamp, message.createdAt.toISOString());
    assert.equal(data.tenantName, place.tenantName);
    assert.equal(data.instanceName, place.instanceName);
    assert.deepEqual(data.message, { ...message, createdAt: message.createdAt.toISOString() });
    return message;
  });

  await check('a thin event has no text, and getMessage has it', async () => {
    assert.ok(receiver.callsOf('/thin').every((call) => !call.raw.includes(TEXT)));
    const externalId = thinEvents()[0]!.data.externalId!;
    assert.deepEqual((await messages.getMessage({ ...chat, externalId })).message, sent);
  });

  await check('the care team reads, and both are told', async () => {
    await chats.markRead({ ...chat, readUpTo: { externalId: sent.externalId, clientType: ClientType.CareTeam } });
    await until('both', 30, () => events().length > 1 && thinEvents().length > 1);
    for (const event of [events()[1]!, thinEvents()[1]!]) {
      assert.equal(event.type, 'chat.read');
      assert.equal(event.data.externalId, sent.externalId);
    }
  });

  const verify = (secret: string, call: Call, body: string | Buffer = call.raw) =>
    new Webhook(secret).verify(body, call.headers);
  await check('the published library verifies what came, and not what was written again', () => {
    for (const call of receiver.callsOf('/standard')) {
      const body = verify(standard.signingSecret, call);
      assert.throws(() => verify(standard.signingSecret, call, JSON.stringify(body, null, 1)), /No matching signature/);
    }
  });

  await check('replace the secret: calls have two signatures, and either secret verifies them', async () => {
    const old = standard.signingSecret;
    const rotation = { ...endpoint, secretRotation: { overlapSeconds: 3600 } };
    const next = (await webhooks.rotateWebhookSecret(rotation)).signingSecret;
    assert.notEqual(next, old);
    // The receiver knows only the old one yet.
    await ping(endpoint.webhookId);
    const call = receiver.callsOf('/standard').at(-1)!;
    assert.equal(call.headers['webhook-signature']?.split(' ').length, 2);
    verify(old, call);
    verify(next, call);
    // And now only the new one.
    receiver.trust('/standard', next);
    await ping(endpoint.webhookId);
  });

  const walk = async (): Promise<Delivery[]> => {
    const all: Delivery[] = [];
    for (let pageToken: string | null | undefined; pageToken !== null; ) {
      const wanted = { state: 'DELIVERED', patientId, pageSize: 1, pageToken } as const;
      const page = await deliveries.listDeliveries({ ...endpoint, ...wanted });
      all.push(...page.content);
      pageToken = page.meta.nextPageToken;
    }
    return all;
  };
  const deliveryId = await check('the history has each delivery, newest first, 1 at a time', async () => {
    await until('both are delivered', 30, async () => (await walk()).length === 2);
    const all = await walk();
    assert.deepEqual(
      all.map((delivery) => delivery.event.type),
      ['chat.read', 'message.sent'],
    );
    assert.deepEqual(
      all.map((delivery) => delivery.deliveryId).reverse(),
      receiver
        .callsOf('/standard')
        .filter((call) => call.raw.includes(patientId))
        .map((call) => call.webhookId),
    );
    return all[1]!.deliveryId;
  });

  const get = () => deliveries.getDelivery({ ...endpoint, deliveryId });
  await check('get one delivery, with its try', async () => {
    const delivery = await get();
    assert.equal(delivery.state, 'DELIVERED');
    assert.deepEqual(
      delivery.attempts.map((attempt) => attempt.status),
      [204],
    );
  });

  await check('redeliver it: the same webhook-id and the same bytes come again', async () => {
    const known = receiver.events.length;
    const calls = () => receiver.calls.filter((call) => call.webhookId === deliveryId);
    assert.equal((await deliveries.redeliver({ ...endpoint, deliveryId })).deliveryId, deliveryId);
    await until('the second try', 30, () => calls().length === 2);
    assert.deepEqual(calls()[1]!.raw, calls()[0]!.raw);
    assert.equal(receiver.events.length, known);
    await until('the second try is in the history', 30, async () => (await get()).attemptCount === 2);
    assert.ok((await get()).redeliveredAt);
  });

  const configured = (await webhooks.listWebhooks(place)).webhooks.find(
    (webhook) => webhook.managed === WebhookManager.Configuration,
  );
  await refused('409, an endpoint of the configuration cannot be deleted', 409, 'conflict', () =>
    webhooks.deleteWebhook({ ...place, webhookId: configured!.webhookId }),
  );
  await refused('409, the endpoint has been changed since', 409, 'conflict', () =>
    webhooks.changeWebhook({ ...endpoint, webhookChange: { description: 'changed', version: 1 } }),
  );
  for (const { webhookId, payload } of [standard.webhook, thin.webhook]) {
    await webhooks.deleteWebhook({ ...place, webhookId });
    await refused(`404, the endpoint ${payload} was deleted`, 404, 'not-found', () =>
      webhooks.getWebhook({ ...place, webhookId }),
    );
  }
}
