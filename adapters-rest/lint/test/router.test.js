import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRoute } from '../../src/main/resources/io/carechat/rest/console/router.js';

const ID = '5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab';

describe('an address', () => {
  for (const [base, path, name] of [
    ['/', '/test-den/chat2', 'inbox'],
    ['/', '/test-den/chat2/', 'inbox'],
    ['/', `/test-den/chat2/patients/${ID}`, 'conversation'],
    ['/chat/', `/chat/test-den/chat2/patients/${ID.toUpperCase()}`, 'conversation'],
    ['/', '/sign-in', 'sign-in'],
    ['/chat/', '/chat/sign-in', 'sign-in'],
    ['/', '/', 'not-found'],
    ['/', '/test-den', 'not-found'],
    ['/', '/Test/chat2', 'not-found'],
    ['/', '/test-den/chat2/patients/1', 'not-found'],
    ['/', `/test-den/chat2/people/${ID}`, 'not-found'],
    ['/', `/test-den/chat2/patients/${ID}/x`, 'not-found'],
    ['/chat/', '/test-den/chat2', 'not-found'],
  ]) {
    it(`${path} below ${base} is ${name}`, () => assert.equal(parseRoute(path, '', base).name, name));
  }
  it('says what is shown', () => {
    const route = parseRoute(`/t/i/patients/${ID}`, '#search=a+b%26c&at=IM1', '/');
    assert.equal(route.patientId, ID);
    assert.equal(route.state.get('search'), 'a b&c');
    assert.equal(route.state.get('at'), 'IM1');
  });
});
