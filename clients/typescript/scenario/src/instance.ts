import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  ChatsApi,
  type ChatSummary,
  ClientType,
  type Configuration,
  type Event,
  EventsApi,
  type Message,
  MessagesApi,
  SearchApi,
} from 'carechat-client';
import { check } from './checks.js';

/** A whole instance: its inbox, what was read, a search of all chats, and its log of events. */
export async function instanceSteps(
  configuration: Configuration,
  place: { tenantName: string; instanceName: string },
): Promise<void> {
  const messages = new MessagesApi(configuration);
  const chats = new ChatsApi(configuration);
  const search = new SearchApi(configuration);
  const events = new EventsApi(configuration);
  const patientId = randomUUID();
  const chat = { ...place, patientId };

  const send = (message: string): Promise<Message> => messages.sendMessage({ ...chat, newMessage: { message } });
  const before = (await events.listEvents({ ...place, after: 'now' })).after;
  // A word that no other chat has.
  const word = randomUUID().replace(/-/g, '').replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
  const first = await send(`first ${word}`);
  const second = await send(`second ${word}`);

  await check('the inbox has the chat, with its newest message; walked to the end it has no chat twice', async () => {
    const all: ChatSummary[] = [];
    for (let pageToken: string | null | undefined; pageToken !== null; ) {
      const page = await chats.listChats({ ...place, pageSize: 20, pageToken });
      all.push(...page.content);
      pageToken = page.meta.nextPageToken;
    }
    assert.equal(new Set(all.map((summary) => summary.patientId)).size, all.length);
    const ours = all.find((summary) => summary.patientId === patientId);
    assert.deepEqual(ours?.lastMessage, second);
    assert.equal(ours?.unread.careTeam, 2);
  });

  await check('get the chat, and mark it as read, which never goes back', async () => {
    const { messageCount, lastMessage, readMarkers } = await chats.getChat(chat);
    assert.deepEqual({ messageCount, lastMessage, readMarkers }, { messageCount: 2, lastMessage: second, readMarkers: [] });
    const markRead = async (message: Message): Promise<string> => {
      const readUpTo = { externalId: message.externalId, clientType: ClientType.CareTeam };
      return (await chats.markRead({ ...chat, readUpTo })).externalId;
    };
    for (const [message, unread] of [[first, 1], [second, 0]] as const) {
      assert.equal(await markRead(message), message.externalId);
      assert.equal((await chats.getChat(chat)).unread.careTeam, unread);
      const { content } = await chats.listChats({ ...place, pageSize: 200, unreadBy: ClientType.CareTeam });
      assert.equal(content.some((summary) => summary.patientId === patientId), unread > 0);
    }
    assert.equal(await markRead(first), second.externalId);
  });

  await check('search all chats, in the address and in the body', async () => {
    const clientType = ClientType.Patient;
    const page = await search.searchInstance({ ...place, query: word, pageSize: 1, clientType, highlight: true });
    assert.equal(page.content[0]?.patientId, patientId);
    assert.deepEqual(page.content[0]?.message, second);
    assert.deepEqual(page.content[0]?.meta.highlights, [`second <em>${word}</em>`]);
    const messageSearch = { pageToken: page.meta.nextPageToken!, clientType };
    const next = await search.searchInstanceByBody({ ...place, messageSearch });
    assert.deepEqual(
      next.content.map((item) => item.message),
      [first],
    );
  });

  const after = await check('pull the events since a place, 2 at a time', async () => {
    const ours: Event[] = [];
    let list = await events.listEvents({ ...place, after: before, limit: 2 });
    for (;;) {
      ours.push(...list.events.filter((event) => event.patientId === patientId));
      if (!list.more) break;
      list = await events.listEvents({ ...place, after: list.after, limit: 2 });
    }
    assert.deepEqual(
      ours.map((event) => event.type),
      ['message.sent', 'message.sent', 'chat.read', 'chat.read'],
    );
    assert.deepEqual([ours[0]?.message, ours[1]?.message], [first, second]);
    assert.equal(ours[3]?.read?.externalId, second.externalId);
    assert.deepEqual((await events.listChatEvents(chat)).events, ours);
    return list.after;
  });

  await check('a pull that waits is answered without events when the time is over', async () => {
    const begun = performance.now();
    assert.deepEqual((await events.listChatEvents({ ...chat, after, waitSeconds: 1 })).events, []);
    assert.ok(performance.now() - begun >= 990, 'a second was waited');
  });

  await check('a pull that waits is answered by what happens', async () => {
    const waiting = events.listEvents({ ...place, after, waitSeconds: 30 }, { signal: AbortSignal.timeout(20_000) });
    const third = await send('third');
    assert.deepEqual(
      (await waiting).events.map((event) => event.message),
      [third],
    );
  });
}
