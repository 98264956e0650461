import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/main/resources/io/carechat/rest/console/api.js';
import { Thread } from '../../src/main/resources/io/carechat/rest/console/thread.js';

const PATIENT = '5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab';
const id = (n) => `IM${String(n).padStart(32, '0')}`;
const time = (n) => new Date(1_700_000_000_000 + n * 1000).toISOString();

/** A service with one chat, as the contract describes it. */
class Service {
  messages = [];
  markers = [];
  marked = [];
  fault = null;
  /** Called before each page is made. */
  before = () => {};

  constructor(count, side = () => 'PATIENT') {
    for (let n = 1; n <= count; n++) this.send(side(n));
  }

  send(clientType = 'PATIENT') {
    const n = this.messages.length + 1;
    const message = { externalId: id(n), createdAt: time(n), message: `text ${n}`, sender: { clientType, id: PATIENT, titleName: null } };
    this.messages.push(message);
    return message;
  }

  api = {
    chat: async () => {
      const read = this.markers.find((marker) => marker.clientType === 'CARE_TEAM')?.createdAt ?? '';
      const unread = this.messages.filter((one) => one.sender.clientType === 'PATIENT' && one.createdAt > read).length;
      return { patientId: PATIENT, messageCount: 0, unread: { patient: 0, careTeam: Math.min(100, unread) }, readMarkers: this.markers };
    },
    messages: async (_, { pageToken, pageSize }) => {
      this.before();
      if (this.fault) throw this.fault;
      const [direction, at] = pageToken ? pageToken.split(' ') : ['older', '~'];
      const found =
        direction === 'older'
          ? this.messages.filter((one) => one.createdAt < at).slice(-pageSize)
          : this.messages.filter((one) => one.createdAt > at).slice(0, pageSize);
      const more = found.length > 0 && found[0] !== this.messages[0];
      return { meta: { nextPageToken: more ? `older ${found[0].createdAt}` : null }, content: found.map(item).reverse() };
    },
    message: async (_, externalId) => {
      const found = this.messages.find((one) => one.externalId === externalId);
      if (!found) throw new ApiError(404, 'not-found');
      return item(found);
    },
    markRead: async (_, externalId) => {
      this.marked.push(externalId);
      return this.marker(externalId);
    },
  };

  marker(externalId, clientType = 'CARE_TEAM') {
    const { createdAt } = this.messages.find((one) => one.externalId === externalId);
    return { clientType, externalId, createdAt, readAt: createdAt };
  }
}

const item = (message) => ({
  message,
  meta: { nextPageToken: `older ${message.createdAt}`, prevPageToken: `newer ${message.createdAt}` },
});
const event = (message) => ({ id: '1-1', type: 'message.sent', createdAt: message.createdAt, patientId: PATIENT, message });
const thread = (service, most) => new Thread(service.api, PATIENT, 'CARE_TEAM', most);
const numbers = (of) => of.items.map(({ message }) => Number(message.externalId.slice(2)));
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a thread', () => {
  it('takes what came between its page and the stream, and marks nothing before', async () => {
    const service = new Service(3);
    const one = thread(service);
    let fail = true;
    const opening = one.open();
    // The stream opens while the page is under way, and the message is older than the stream.
    void one.catchUp();
    await Promise.resolve();
    await Promise.resolve();
    service.before = () => {
      if (fail) throw new ApiError(0, 'network');
    };
    await opening;
    const missed = service.send();
    one.hear(event(service.send()));
    one.seen();
    assert.deepEqual(service.marked, []);
    fail = false;
    await one.catchUp();
    assert.ok(one.items.some(({ message }) => message.externalId === missed.externalId));
    one.seen();
    assert.deepEqual(service.marked, [id(5)]);
  });

  it('begins with the newest messages and leads to the first one', async () => {
    const service = new Service(130);
    service.markers = [service.marker(id(130))];
    const read = thread(service);
    await read.open();
    assert.deepEqual(numbers(read), range(81, 130));
    assert.equal(read.firstNew, null);
    await read.older();
    await read.older();
    assert.deepEqual(numbers(read), range(1, 130));
    assert.equal(read.hasOlder, false);
  });

  it('begins with all unread messages, and knows the first one', async () => {
    const service = new Service(150);
    service.markers = [service.marker(id(60))];
    const read = thread(service);
    await read.open();
    assert.equal(read.firstNew, id(61));
    assert.ok(numbers(read).includes(60));
    assert.equal(numbers(read).at(-1), 150);
  });

  it('begins where the reader stopped, if that is far away', async () => {
    const service = new Service(900);
    service.markers = [service.marker(id(300))];
    const read = thread(service);
    await read.open();
    assert.deepEqual(numbers(read), range(275, 325));
    assert.equal(read.firstNew, id(301));
    assert.equal(read.atNewest, false);
  });

  it('shows the surroundings of a message and leads on in both directions', async () => {
    const service = new Service(300);
    const read = thread(service);
    await read.open(id(150));
    assert.deepEqual(numbers(read), range(125, 175));
    assert.equal(read.target, id(150));
    while (read.hasNewer) await read.newer();
    while (read.hasOlder) await read.older();
    assert.deepEqual(numbers(read), range(1, 300));
    assert.equal(read.atNewest, true);
  });

  it('says if the message that it is to show is not there, and shows the newest', async () => {
    const read = thread(new Service(3));
    await read.open(id(77));
    assert.equal(read.missing, true);
    assert.deepEqual(numbers(read), [1, 2, 3]);
  });

  it('keeps only so many messages, and finds the others again', async () => {
    const service = new Service(400);
    service.markers = [service.marker(id(400))];
    const read = thread(service, 100);
    await read.open();
    while (read.hasOlder) await read.older();
    assert.equal(numbers(read)[0], 1);
    assert.ok(read.items.length <= 100);
    assert.equal(read.atNewest, false);
    while (read.hasNewer) await read.newer();
    assert.deepEqual(numbers(read), range(301, 400));
    assert.equal(read.hasOlder, true);
  });

  it('takes each message once, in whatever order the stream and the answers come', async () => {
    const service = new Service(3);
    service.markers = [service.marker(id(3))];
    const read = thread(service);
    const early = service.send();
    read.hear(event(early));
    await read.open();
    assert.deepEqual(numbers(read), [1, 2, 3, 4]);
    const [five, six] = [service.send('CARE_TEAM'), service.send()];
    read.hear(event(six));
    read.add(five);
    read.hear(event(five));
    read.hear(event(six));
    await read.catchUp();
    assert.deepEqual(numbers(read), [1, 2, 3, 4, 5, 6]);
  });

  it('loses no message that comes while the last page is read', async () => {
    const service = new Service(60);
    const read = thread(service);
    await read.open(id(10));
    let late = null;
    service.before = () => {
      service.before = () => {};
      setImmediate(() => {
        late = service.send();
        read.hear(event(late));
      });
    };
    await read.newer();
    await new Promise((resolve) => setImmediate(resolve));
    while (read.hasNewer) await read.newer();
    assert.deepEqual(numbers(read), range(1, 61));
  });

  it('reads what the stream has missed', async () => {
    const service = new Service(3);
    const read = thread(service);
    await read.open();
    for (let n = 0; n < 20; n++) service.send();
    await read.catchUp();
    assert.deepEqual(numbers(read), range(1, 23));
    for (let n = 0; n < 500; n++) service.send();
    await read.catchUp();
    assert.equal(read.atNewest, false);
    while (read.hasNewer) await read.newer();
    assert.equal(numbers(read).at(-1), 523);
    assert.deepEqual(numbers(read), range(numbers(read)[0], 523));
  });

  it('counts what came and was not seen, and marks only what was seen', async () => {
    const service = new Service(2);
    service.markers = [service.marker(id(2))];
    const read = thread(service);
    await read.open();
    read.hear(event(service.send()));
    read.hear(event(service.send('CARE_TEAM')));
    assert.equal(read.unseen, 1);
    assert.equal(read.firstNew, id(3));
    assert.deepEqual(service.marked, []);
    read.seen();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(service.marked, [id(3)]);
    assert.equal(read.unseen, 0);
    read.watching = true;
    read.hear(event(service.send()));
    assert.equal(read.firstNew, id(3), 'what is watched arriving is not new');
    read.seen();
    read.seen();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(service.marked, [id(3), id(5)]);
  });

  it('marks nothing while the newest message is not there', async () => {
    const service = new Service(300);
    const read = thread(service);
    await read.open(id(20));
    read.seen();
    assert.deepEqual(service.marked, []);
  });

  it('shows what it has when it cannot read on, and can try again', async () => {
    const service = new Service(130);
    service.markers = [service.marker(id(130))];
    const read = thread(service);
    await read.open();
    service.fault = new ApiError(503, 'unavailable');
    await read.older();
    assert.equal(read.stuck, 'older');
    assert.equal(read.items.length, 50);
    service.fault = null;
    await read.older();
    assert.equal(read.stuck, null);
    assert.equal(read.items.length, 100);
  });
});
