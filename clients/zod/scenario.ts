// What a partner does with the schemas that clients/README.md makes for zod, and plain fetch, each step checked. A schema
// that an answer does not fit throws.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { zChat, zEventList, zMessage, zMessagePage, zNewMessage, zProblem, zWebhook, zWebhookWithSecret } from "./generated/zod.gen.js";
import { zWebhookEvent } from "./generated-webhooks/zod.gen.js";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set. "./carechat clients zod" sets it.`);
  return value;
}

function ok(what: string): void {
  console.log(`ok    ${what}`);
}

interface Call {
  url?: string;
  key?: string;
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const service = setting("CARECHAT_URL");
const apiKey = setting("CARECHAT_API_KEY");
const later = setting("CARECHAT_LATER_URL");
const instance = "/api/v1/test-den/chat2";
const chat = `${instance}/patients/${randomUUID()}`;

async function call(path: string, { url = service, key = apiKey, method = "GET", body, headers = {} }: Call = {}): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { "X-API-KEY": key, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function read<S extends z.ZodType>(schema: S, response: Promise<Response>): Promise<z.infer<S>> {
  const answer = await response;
  const json: unknown = await answer.json();
  assert.ok(answer.ok, JSON.stringify(json));
  return schema.parse(json);
}

async function refused(what: string, response: Promise<Response>, status: number, code: string): Promise<void> {
  const answer = await response;
  assert.equal(answer.status, status);
  assert.equal(zProblem.parse(await answer.json()).code, code);
  ok(what);
}

function send(text: string, key: string): Promise<Response> {
  return call(`${chat}/messages`, { method: "POST", body: zNewMessage.parse({ message: text }), headers: { "Idempotency-Key": key } });
}

// Two UTF-16 code units each, and at most 10,000 characters: more units than a length in JavaScript may have then.
const texts = ["Grüße aus Köln 😀", "second", "third", "😀".repeat(10_000)];
const sent: z.infer<typeof zMessage>[] = [];
for (const [i, text] of texts.entries()) {
  const message = await read(zMessage, send(text, `key-${i}`));
  assert.equal(message.message, text);
  sent.push(message);
}
ok("send: umlauts and emoji come back as they were sent, also 10,000 emoji");

assert.equal((await read(zMessage, send("second", "key-1"))).externalId, sent[1]?.externalId);
ok("the same Idempotency-Key again is the same message");

const newest = await read(zMessagePage, call(`${chat}/messages?pageSize=2`));
const found: string[] = [];
for (let page = newest; ; ) {
  found.push(...page.content.map((item) => item.message.message));
  if (page.meta.nextPageToken === null) {
    break;
  }
  page = await read(zMessagePage, call(`${chat}/messages?pageToken=${encodeURIComponent(page.meta.nextPageToken)}`));
}
assert.deepEqual(found, texts.toReversed());
ok("find to the end");

const hits = await read(zMessagePage, call(`${chat}/messages/search?query=grusse&highlight=true`));
assert.equal(hits.content[0]?.message.externalId, sent[0]?.externalId);
ok("search");

assert.equal((await read(zChat, call(chat))).messageCount, 4);
assert.equal((await read(zEventList, call(`${chat}/events`))).events[0]?.type, "message.sent");
ok("read the chat, and pull events");

const endpoint = { url: `http://127.0.0.1:65535/zod/${randomUUID()}`, payload: "THIN", enabled: false };
const made = await read(zWebhookWithSecret, call(`${instance}/webhooks`, { method: "POST", body: endpoint }));
const webhook = `${instance}/webhooks/${made.webhook.webhookId}`;
// A number of 64 bits is a BigInt.
assert.equal((await read(zWebhook, call(webhook, { method: "PATCH", body: { description: "from zod" } }))).version, 2n);
ok("create an endpoint, and change it");

await refused("401, no valid key", call(`${chat}/messages`, { key: "wrong" }), 401, "unauthenticated");
await refused("403, another tenant", call(`${chat}/messages`.replace("test-den", "other")), 403, "forbidden");
await refused("404, no such message", call(`${chat}/messages/IM${"0".repeat(32)}`), 404, "not-found");
await refused("409, changed since", call(webhook, { method: "PATCH", body: { version: 1 } }), 409, "conflict");
await refused("422, the key of another message", send("another", "key-0"), 422, "idempotency-key-reused");
assert.equal(zNewMessage.safeParse({ message: " \t " }).success, false);
ok("the schema itself refuses what the pattern forbids");

const page = await read(zMessagePage, call(`${chat}/messages`, { url: later }));
assert.equal(page.content[0]?.message.sender.clientType, "LATER");
assert.equal((await read(zWebhook, call(webhook, { url: later }))).managed, "LATER");
assert.equal((await read(zEventList, call(`${chat}/events`, { url: later }))).events[0]?.type, "later.type");
ok("what a later version may add is tolerated");

assert.equal((await call(webhook, { method: "DELETE" })).status, 204);
ok("delete it");

const event = zWebhookEvent.parse({
  type: "later.type",
  timestamp: "2021-02-08T17:17:29.000Z",
  data: { tenantName: "test-den", instanceName: "chat2", later: 1 },
  later: 1,
});
assert.equal(event.type, "later.type");
ok("read what a webhook delivers, also of a type that comes later");
