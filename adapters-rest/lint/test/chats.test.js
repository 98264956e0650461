import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chats } from '../../src/main/resources/io/carechat/rest/console/chats.js';

const time = (n) => new Date(1_700_000_000_000 + n * 1000).toISOString();
const message = (n, clientType = 'PATIENT') => ({ externalId: `IM${n}`, createdAt: time(n), message: `${n}`, sender: { clientType, id: 'x', titleName: null } });
const chat = (patientId, n, careTeam = 0) => ({ patientId, lastMessage: message(n), unread: { patient: 0, careTeam }, readMarkers: [] });
const sent = (patientId, n, clientType) => ({ id: `${n}-1`, type: 'message.sent', createdAt: time(n), patientId, message: message(n, clientType) });
const read = (patientId, n) => ({ id: `${n}-2`, type: 'chat.read', createdAt: time(n), patientId, read: { clientType: 'CARE_TEAM', externalId: `IM${n}`, messageCreatedAt: time(n) } });

async function open(...pages) {
  const api = { asked: [], chats: async ({ pageToken }) => pages[pageToken ?? 0], chat: async (id) => (api.asked.push(id), chat(id, 90, 7)) };
  const chats = new Chats(api);
  await chats.open();
  return { chats, api };
}
const page = (content, nextPageToken = null) => ({ meta: { nextPageToken }, content });
const asked = (chats) => new Promise((resolve) => { const stop = chats.subscribe(() => (stop(), resolve())); });

describe('the chats', () => {
  it('are in the order of their newest messages, and count what is unread', async () => {
    const { chats } = await open(page([chat('a', 3), chat('b', 2), chat('c', 1, 1)]));
    chats.hear(sent('c', 4));
    chats.hear(sent('c', 4));
    chats.hear(sent('b', 5, 'CARE_TEAM'));
    assert.deepEqual(chats.order, ['b', 'c', 'a']);
    assert.equal(chats.get('c').unread.careTeam, 2);
    assert.equal(chats.get('b').unread.careTeam, 0);
    chats.hear(read('c', 4));
    assert.equal(chats.get('c').unread.careTeam, 0);
  });

  it('stay where they are while the order is held, and say that they moved', async () => {
    const { chats } = await open(page([chat('a', 3), chat('b', 2)]));
    chats.hold(true);
    chats.hear(sent('b', 4));
    assert.deepEqual(chats.order, ['a', 'b']);
    assert.equal(chats.moved, true);
    assert.equal(chats.get('b').unread.careTeam, 1);
    chats.arrange();
    assert.deepEqual(chats.order, ['b', 'a']);
    chats.hear(sent('a', 5));
    assert.deepEqual(chats.order, ['b', 'a']);
    chats.hold(false);
    assert.deepEqual(chats.order, ['a', 'b']);
    assert.equal(chats.moved, false);
  });

  it('grow at their end even while the order is held', async () => {
    const { chats } = await open(page([chat('a', 3), chat('b', 2)], 1), page([chat('c', 1)]));
    chats.hold(true);
    await chats.more();
    assert.deepEqual(chats.order, ['a', 'b', 'c']);
    assert.equal(chats.hasMore, false);
    assert.equal(chats.moved, false);
  });

  it('are asked about if something happens while a page of them is under way', async () => {
    let answer;
    const api = {
      chats: () => new Promise((resolve) => (answer = resolve)),
      chat: async (id) => chat(id, 90, 7),
    };
    const chats = new Chats(api);
    const opening = chats.open();
    chats.hear(sent('new', 90));
    chats.hear(sent('a', 91));
    answer(page([chat('a', 3)]));
    await opening;
    await asked(chats);
    assert.deepEqual(chats.order.toSorted(), ['a', 'new']);
    assert.equal(chats.get('a').unread.careTeam, 7);
  });

  it('that are not there yet are asked about once, however much comes', async () => {
    const { chats, api } = await open(page([chat('a', 3)]));
    const answered = asked(chats);
    for (let n = 80; n < 91; n++) chats.hear(sent('new', n));
    await answered;
    assert.deepEqual(api.asked, ['new']);
    assert.deepEqual(chats.order, ['new', 'a']);
    assert.equal(chats.get('new').unread.careTeam, 7);
  });

  it('that are read disappear from the unread ones only with the next list', async () => {
    const { chats } = await open(page([chat('a', 3, 1), chat('b', 2, 1)]));
    await chats.open(true);
    chats.hear(read('a', 3));
    assert.deepEqual(chats.order, ['a', 'b']);
  });
});
