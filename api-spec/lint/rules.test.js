// Each of our rules is quiet about a good document and bites a bad one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import spectralCore from '@stoplight/spectral-core';
import spectralParsers from '@stoplight/spectral-parsers';
import { edition31, notOurs, received, served } from './rules.js';
import receivedRuleset from './received.js';
import servedRuleset from './served.js';

const { Spectral } = spectralCore;
const { Yaml } = spectralParsers;

const read = (name) => Yaml.parse(readFileSync(new URL(`./fixtures/${name}.yaml`, import.meta.url), 'utf8')).data;

const findings = async (ruleset, document) => {
  const spectral = new Spectral();
  spectral.setRuleset(ruleset);
  return spectral.run(document);
};

const notes = (document) => document.paths['/notes/{noteId}'];
const schema = (document, name) => document.components.schemas[name];
const example = (document) =>
  notes(document).get.responses['503'].content['application/problem+json'].examples.unavailable.value;
const sent = (document) => document.paths['/'].post.requestBody.content['application/json'];
const deprecate = (operation, at, sunset) =>
  Object.assign(operation, { deprecated: true, 'x-deprecated-at': at, 'x-sunset': sunset });

/** Rule, and the ways to break it. */
const breaksOfServed = {
  'operation-id-camel-case': {
    'a hyphen': (d) => (notes(d).get.operationId = 'find-notes'),
    'a capital': (d) => (notes(d).get.operationId = 'FindNotes'),
  },
  'operation-summary': {
    'a sentence': (d) => (notes(d).get.summary = 'Finds notes.'),
    none: (d) => delete notes(d).get.summary,
    'too long': (d) => (notes(d).get.summary = 'x'.repeat(71)),
  },
  'request-example': { none: (d) => delete notes(d).post.requestBody.content['application/json'].examples },
  'response-example': {
    none: (d) => delete notes(d).get.responses['200'].content['application/json'].examples,
    'none of an error': (d) => delete notes(d).get.responses['503'].content['application/problem+json'].examples,
  },
  'member-camel-case': {
    'a member of a request': (d) => (schema(d, 'NewNote').properties.due_date = { type: 'string', maxLength: 1 }),
    'a member of an answer': (d) => (schema(d, 'Problem').properties['more-details'] = { type: 'string' }),
    'a parameter': (d) =>
      notes(d).get.parameters.push({ name: 'Sort', in: 'query', schema: { type: 'string', maxLength: 9 } }),
  },
  'deprecated-with-dates': {
    'no dates': (d) => (notes(d).get.deprecated = true),
    'no sunset': (d) => deprecate(notes(d).get, '2027-01-01T00:00:00Z'),
    'no moment': (d) => deprecate(notes(d).get, '2027-01-01', '2028-01-01'),
    'a sunset before': (d) => deprecate(notes(d).get, '2027-01-01T00:00:00Z', '2026-12-31T00:00:00Z'),
    'dates alone': (d) => (notes(d).get['x-sunset'] = '2027-01-01T00:00:00Z'),
  },
  'operation-group': {
    neither: (d) => delete notes(d).get['x-carechat-group'],
    both: (d) => (d.paths['/health'].get['x-carechat-group'] = 'read'),
  },
  'error-is-problem': {
    'another type': (d) => {
      const { content } = notes(d).get.responses['503'];
      content['application/json'] = content['application/problem+json'];
    },
    'no body': (d) => delete notes(d).get.responses['503'].content,
  },
  'problem-example-code': {
    'no code': (d) => delete example(d).code,
    'the type of another code': (d) => (example(d).type = '/problems/other'),
    'another status': (d) => (example(d).status = 500),
  },
  'request-closed': {
    open: (d) => delete schema(d, 'NewNote').additionalProperties,
    'open inside': (d) => (schema(d, 'NewNote').properties.inner = { type: 'object' }),
    'open in an array': (d) => (schema(d, 'NewNote').properties.marks.items = { type: 'object' }),
  },
  'response-open': {
    closed: (d) => (schema(d, 'NotePage').additionalProperties = false),
    'closed inside': (d) => (schema(d, 'NotePage').properties.meta.additionalProperties = false),
  },
  'request-bounded': {
    'a member': (d) => delete schema(d, 'NewNote').properties.text.maxLength,
    'a parameter': (d) => delete notes(d).get.parameters[1].schema.maxLength,
    'a header': (d) => delete notes(d).post.parameters[0].schema.maxLength,
    'a parameter of the path': (d) => delete notes(d).parameters[0].schema.format,
    'a number': (d) => delete notes(d).get.parameters[0].schema.maximum,
    'an array': (d) => delete schema(d, 'NewNote').properties.marks.maxItems,
    'in an array': (d) => delete schema(d, 'NewNote').properties.marks.items.minimum,
  },
  'response-request-id': {
    none: (d) => delete notes(d).get.responses['200'].headers['X-Request-Id'],
    'not always': (d) => delete d.components.headers.RequestId.required,
  },
  'response-headers': {
    'no Retry-After': (d) => delete notes(d).get.responses['503'].headers['Retry-After'],
    'no Location': (d) => delete notes(d).post.responses['201'].headers.Location,
    'no WWW-Authenticate': (d) => delete notes(d).post.responses['401'].headers['WWW-Authenticate'],
    'not always': (d) => delete d.components.headers.RetryAfter.required,
  },
  'response-rate-limit': {
    'no limit': (d) => delete notes(d).get.responses['503'].headers.RateLimit,
    'no policy': (d) => delete notes(d).post.responses['201'].headers['RateLimit-Policy'],
  },
  'header-name': {
    'of a request': (d) => (notes(d).post.parameters[0].name = 'idempotencyKey'),
    'of an answer': (d) => (notes(d).get.responses['200'].headers.next_page = { $ref: '#/components/headers/Location' }),
  },
  'paging-names': {
    'a parameter': (d) => notes(d).get.parameters.push({ name: 'cursor', in: 'query', schema: { type: 'string', maxLength: 1 } }),
    'a member': (d) => (schema(d, 'NotePage').properties.meta.properties.nextCursor = { type: 'string' }),
    'a member of a request': (d) => (schema(d, 'NewNote').properties.offset = { type: 'string', maxLength: 1 }),
    'a member like the next': (d) => (schema(d, 'NotePage').properties.meta.properties.nextPlace = { type: 'string' }),
  },
  'paged-operation': {
    'no size': (d) => notes(d).get.parameters.shift(),
    'no token': (d) => (notes(d).get.parameters.length = 0),
    'no previous page': (d) => delete schema(d, 'NotePage').properties.meta.properties.prevPageToken,
    'perhaps a next page': (d) => (schema(d, 'NotePage').properties.meta.required = ['prevPageToken']),
  },
};

const breaksOfReceived = {
  'operation-id-camel-case': { 'a hyphen': (d) => (d.paths['/'].post.operationId = 'receive-note') },
  'operation-summary': { 'a sentence': (d) => (d.paths['/'].post.summary = 'Receives a note.') },
  'request-example': { none: (d) => delete sent(d).examples },
  'response-example': {
    none: (d) => (d.paths['/'].post.responses['204'].content = { 'text/plain': { schema: { type: 'string' } } }),
  },
  'member-camel-case': {
    'a member': (d) => {
      sent(d).schema.properties.due_date = { type: 'string', maxLength: 1 };
      sent(d).schema.required.push('due_date');
    },
  },
  'deprecated-with-dates': { 'no dates': (d) => (d.paths['/'].post.deprecated = true) },
  'sent-open': { closed: (d) => (sent(d).schema.additionalProperties = false) },
  'sent-bounded': {
    'a member': (d) => delete sent(d).schema.properties.text.maxLength,
    'a header': (d) => delete d.paths['/'].post.parameters[0].schema.maxLength,
  },
  'sent-always': {
    'a member': (d) => delete sent(d).schema.properties.title.description,
    'a header': (d) => delete d.paths['/'].post.parameters[0].required,
  },
};

for (const [name, rules, ruleset, breaks] of [
  ['served', served, servedRuleset, breaksOfServed],
  ['received', received, receivedRuleset, breaksOfReceived],
]) {
  describe(`rules for what is ${name}`, () => {
    it('are quiet about a good document, and so are those of Spectral', async () => {
      const { overrides, ...withoutPlaces } = ruleset;
      assert.deepEqual(await findings(withoutPlaces, read(name)), []);
    });

    it('are each shown to bite', () => {
      assert.deepEqual(Object.keys(breaks).sort(), Object.keys(rules).sort());
    });

    for (const [rule, ways] of Object.entries(breaks)) {
      for (const [way, breakIt] of Object.entries(ways)) {
        it(`${rule}: ${way}`, async () => {
          const document = read(name);
          breakIt(document);
          const found = await findings({ rules }, document);
          assert.deepEqual([...new Set(found.map(({ code }) => code))], [rule]);
        });
      }
    }
  });
}

describe('rules for the 3.1 edition', () => {
  const both = () => {
    const document = read('served');
    document.openapi = '3.1.1';
    document.webhooks = { receiveNote: read('received').paths['/'] };
    return document;
  };

  it('are quiet about a good document', async () => {
    assert.deepEqual(await findings({ rules: edition31 }, both()), []);
  });

  it('look at the paths', async () => {
    const document = both();
    schema(document, 'NewNote').properties.text = { type: ['string', 'null'] };
    const found = await findings({ rules: edition31 }, document);
    assert.deepEqual(found.map(({ code }) => code), ['request-bounded']);
  });

  it('look at the webhooks', async () => {
    const document = both();
    document.webhooks.receiveNote.post.requestBody.content['application/json'].schema.additionalProperties = false;
    const found = await findings({ rules: edition31 }, document);
    assert.deepEqual(found.map(({ code }) => code), ['webhook-sent-open']);
  });
});

it('no rule of ours has the name of one of Spectral, and those that are off exist', () => {
  const theirs = Object.keys(servedRuleset.extends[0][0].rules);
  assert.deepEqual(Object.keys({ ...served, ...received }).filter((name) => theirs.includes(name)), []);
  assert.deepEqual(Object.keys(notOurs).filter((name) => !theirs.includes(name)), []);
});
