import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/main/resources/io/carechat/rest/console/api.js';
import { Outbox } from '../../src/main/resources/io/carechat/rest/console/outbox.js';
import { keep } from '../../src/main/resources/io/carechat/rest/console/store.js';

const PATIENT = '5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab';

/** A service that answers each call with the next of these: an error to fail with, or null to take the message. */
function service(...answers) {
  const calls = [];
  const stored = new Map();
  const send = async (patientId, text, key) => {
    calls.push({ patientId, text, key });
    const answer = answers.shift();
    if (answer instanceof ApiError) throw answer;
    if (!stored.has(key)) stored.set(key, { externalId: `IM${stored.size}`, message: text });
    if (answer === 'lost') throw new ApiError(0, 'network');
    return stored.get(key);
  };
  return { calls, stored, send };
}

let boxes = 0;
function outbox(of, prefix = `test:${boxes++}/`) {
  const sent = [];
  const box = new Outbox(prefix, PATIENT, of.send, (_, message) => sent.push(message.message));
  return { box, sent, prefix };
}

/** Waits until something is so. */
async function until(isSo) {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** Ends when nothing is being sent: everything is sent or refused, or an attempt has failed. */
async function settled(box) {
  await until(() => !box.sending && (box.fault || !box.items.some((item) => !item.refused)));
  box.stop();
}

describe('an outbox', { timeout: 30_000 }, () => {
  it('sends in the order of writing, each once', async () => {
    const of = service();
    const { box, sent } = outbox(of);
    for (const text of ['one', 'two', 'three', 'two']) box.add(text);
    await settled(box);
    assert.deepEqual(sent, ['one', 'two', 'three', 'two']);
    assert.equal(new Set(of.calls.map((call) => call.key)).size, 4);
    assert.deepEqual(box.items, []);
  });

  it('sends again with the same key when the answer was lost, and keeps the order', async () => {
    const of = service('lost');
    const { box, sent } = outbox(of);
    box.add('one');
    box.add('two');
    await until(() => box.fault);
    assert.equal(box.items.length, 2);
    void box.retry();
    await until(() => box.items.length === 0);
    assert.deepEqual(sent, ['one', 'two']);
    assert.equal(of.calls[0].key, of.calls[1].key);
    assert.equal(of.stored.size, 2);
  });

  it('sends after a reload what was being sent before it, with the same key', async () => {
    const of = service('lost');
    const before = outbox(of);
    before.box.add('one');
    await until(() => before.box.fault);
    before.box.stop();
    const { box, sent } = outbox(of, before.prefix);
    assert.deepEqual(box.items.map((item) => item.text), ['one']);
    await box.run();
    assert.deepEqual(sent, ['one']);
    assert.equal(of.stored.size, 1);
  });

  it('gives back what is never taken, and goes on with the rest', async () => {
    const of = service(new ApiError(400, 'invalid-request', { errors: [{ parameter: null, pointer: '/message', detail: 'must be shorter' }] }));
    const { box, sent } = outbox(of);
    box.add('bad');
    box.add('good');
    await settled(box);
    assert.deepEqual(sent, ['good']);
    assert.equal(box.items.length, 1);
    assert.deepEqual(box.items[0].refused, { status: 400, code: 'invalid-request' });
    box.remove(box.items[0].id);
    assert.deepEqual(box.items, []);
  });

  for (const status of [0, 401, 429, 500, 503]) {
    it(`keeps what may be taken later: ${status}`, async () => {
      const of = service(new ApiError(status, 'x'));
      const { box } = outbox(of);
      box.add('one');
      await settled(box);
      assert.equal(box.items.length, 1);
      assert.equal(box.items[0].refused, undefined);
    });
  }

  it('sees no message of another person or chat', () => {
    keep.set('carechat:out:/t/i/CARE_TEAM/a/p/1', '{}');
    const { box } = outbox(service(), 'carechat:out:/t/i/CARE_TEAM/b/p/');
    assert.deepEqual(box.items, []);
  });
});
