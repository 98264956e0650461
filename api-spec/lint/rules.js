// Our own rules for the contract, beside the OpenAPI rules of Spectral. A rule looks at one operation at a time, with every reference
// followed, and tells each fault with its place. test.js shows for each that it bites.

const METHODS = 'get,put,post,patch,delete,head,options';
const CAMEL_CASE = /^[a-z][a-zA-Z0-9]*$/;
const HEADER_NAME = /^[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)*$/;
const PROBLEM = 'application/problem+json';
const PAGING_NAMES = ['pageSize', 'pageToken', 'nextPageToken', 'prevPageToken'];
// A time, such as that of the next attempt, is none.
const LIKE_PAGING = /token|cursor|offset|^next(?!\w*At$)|^prev|^page/i;

// Refused before anybody is known who has a rate.
const WITHOUT_RATE = ['401', '405', '414', '431'];

const HEADERS_OF_STATUS = {
  201: ['Location'],
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** A rule over the operations of a section of the document: "paths" or "webhooks". */
const rule = (section, description, faults) => ({
  description,
  message: '{{error}}',
  severity: 'error',
  given: `$.${section}[*][${METHODS}]`,
  then: {
    function: (operation, _, context) =>
      [...faults(operation, context)].map(([path, message]) => ({ message, path: [...context.path, ...path] })),
  },
});

function* members(node = {}, path = []) {
  for (const [name, value] of Object.entries(node)) {
    yield [name, value, [...path, name]];
  }
}

/** Every answer: status, answer, path. */
const answers = (operation) => members(operation.responses, ['responses']);

/** Every body of an operation's request: media type, description of it, path. */
const requestBodies = (operation) => members(operation.requestBody?.content, ['requestBody', 'content']);

/** Every body of every answer: media type, description of it, path, status. */
function* answerBodies(operation) {
  for (const [status, answer, path] of answers(operation)) {
    for (const [type, media, at] of members(answer.content, [...path, 'content'])) {
      yield [type, media, at, status];
    }
  }
}

/** The operation's own parameters and those of its path; of the latter, the place is the operation itself. */
function* parameters(operation, context) {
  for (const [index, parameter] of (operation.parameters ?? []).entries()) {
    yield [parameter, ['parameters', index]];
  }
  const [section, path] = context.path;
  for (const parameter of context.documentInventory.resolved[section][path].parameters ?? []) {
    yield [parameter, []];
  }
}

/** A schema and all that are in it. */
function* schemas(schema, path) {
  if (schema === null || typeof schema !== 'object') {
    return;
  }
  yield [schema, path];
  for (const [, member, at] of members(schema.properties, [...path, 'properties'])) {
    yield* schemas(member, at);
  }
  for (const keyword of ['items', 'additionalProperties', 'not']) {
    yield* schemas(schema[keyword], [...path, keyword]);
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    for (const [index, branch] of (schema[keyword] ?? []).entries()) {
      yield* schemas(branch, [...path, keyword, index]);
    }
  }
}

function* schemasOfBodies(bodies) {
  for (const [, media, path] of bodies) {
    yield* schemas(media.schema, [...path, 'schema']);
  }
}

function* schemasOfRequest(operation, context) {
  for (const [parameter, path] of parameters(operation, context)) {
    yield* schemas(parameter.schema, path.length ? [...path, 'schema'] : path);
  }
  yield* schemasOfBodies(requestBodies(operation));
}

/** In OpenAPI 3.1 a type may be an array, of which "null" is one. */
const is = (schema, type) => [schema.type].flat().includes(type);

const isStatic = (operation) => operation['x-carechat-static'] === true;

const hasExamples = (media) => media.example !== undefined || Object.keys(media.examples ?? {}).length > 0;

/** A string is bounded by maxLength, by being one of a few, or by being a UUID or a time. */
const isUnboundedString = (schema) =>
  is(schema, 'string') && schema.maxLength === undefined && schema.enum === undefined && !['uuid', 'date-time'].includes(schema.format);

/** Rules for every document. */
const rulesForAll = (section) => ({
  'operation-id-camel-case': rule(section, 'An operationId is in camelCase: it becomes a method of clients.', function* (operation) {
    if (!CAMEL_CASE.test(operation.operationId ?? '')) {
      yield [['operationId'], `operationId ${operation.operationId} is not in camelCase`];
    }
  }),

  'operation-summary': rule(section, 'A summary is a heading: short, without a full stop.', function* (operation) {
    const summary = operation.summary ?? '';
    if (summary === '' || summary.length > 70 || summary.endsWith('.')) {
      yield [['summary'], 'a summary has 1 to 70 characters and no full stop at its end'];
    }
  }),

  'request-example': rule(section, 'Every request body has an example.', function* (operation) {
    for (const [type, media, path] of requestBodies(operation)) {
      if (!hasExamples(media)) {
        yield [path, `the request body ${type} has no example`];
      }
    }
  }),

  'response-example': rule(section, 'Every body of an answer has an example.', function* (operation) {
    for (const [type, media, path, status] of answerBodies(operation)) {
      if (!hasExamples(media)) {
        yield [path, `the body ${type} of the answer ${status} has no example`];
      }
    }
  }),

  'member-camel-case': rule(section, 'Members of JSON, and parameters in the path and the query, are in camelCase.', function* (operation, context) {
    for (const [parameter, path] of parameters(operation, context)) {
      if (parameter.in !== 'header' && !CAMEL_CASE.test(parameter.name)) {
        yield [path, `the parameter ${parameter.name} is not in camelCase`];
      }
    }
    for (const bodies of [requestBodies(operation), answerBodies(operation)]) {
      for (const [schema, path] of schemasOfBodies(bodies)) {
        for (const [name, , at] of members(schema.properties, [...path, 'properties'])) {
          if (!CAMEL_CASE.test(name)) {
            yield [at, `the member ${name} is not in camelCase`];
          }
        }
      }
    }
  }),

  'deprecated-with-dates': rule(section, 'A deprecated operation says since when, and until when it works; no other does.', function* (operation) {
    const dates = [operation['x-deprecated-at'], operation['x-sunset']];
    if (operation.deprecated !== true) {
      if (dates.some((date) => date !== undefined)) {
        yield [[], 'x-deprecated-at and x-sunset belong to an operation with deprecated: true'];
      }
    } else if (!dates.every((date) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(date))) {
      yield [[], "a deprecated operation has x-deprecated-at and x-sunset, each like '2027-03-01T00:00:00Z'"];
    } else if (dates[1] < dates[0]) {
      yield [['x-sunset'], 'x-sunset is earlier than x-deprecated-at'];
    }
  }),
});

/** Rules for what we serve: we read requests, and partners our answers. */
const rulesForServed = (section) => ({
  'operation-group': rule(section, 'An operation belongs to a group that shares a rate limit, or has no limit and is static.', function* (operation) {
    if (isStatic(operation) === (operation['x-carechat-group'] !== undefined)) {
      yield [[], 'an operation has either x-carechat-group or x-carechat-static: true'];
    }
  }),

  'error-is-problem': rule(section, 'Every error is application/problem+json and nothing else.', function* (operation) {
    for (const [status, answer, path] of answers(operation)) {
      const types = Object.keys(answer.content ?? {});
      if (/^[45]/.test(status) && (types.length !== 1 || types[0] !== PROBLEM)) {
        yield [path, `the error ${status} is not described as ${PROBLEM} alone`];
      }
    }
  }),

  'problem-example-code': rule(section, 'Every example of a problem has the code that a program would look at, and the status it is for.', function* (operation) {
    for (const [type, media, path, status] of answerBodies(operation)) {
      if (type !== PROBLEM) {
        continue;
      }
      const single = media.example === undefined ? [] : [[media.example, [...path, 'example']]];
      const several = [...members(media.examples, [...path, 'examples'])].map(([, each, at]) => [each.value, [...at, 'value']]);
      for (const [problem, at] of [...single, ...several]) {
        if (typeof problem?.code !== 'string' || problem.type !== `/problems/${problem.code}`) {
          yield [at, 'the example of a problem has no code, or a type that is not /problems/ and the code'];
        }
        if (String(problem?.status) !== status) {
          yield [at, `the example of a problem has the status ${problem?.status} and is in the answer ${status}`];
        }
      }
    }
  }),

  'request-closed': rule(section, 'An object in a request says additionalProperties: false, so that a misspelt member is a fault.', function* (operation) {
    for (const [schema, path] of schemasOfBodies(requestBodies(operation))) {
      if (is(schema, 'object') && schema.additionalProperties !== false) {
        yield [path, 'an object in a request body does not say additionalProperties: false'];
      }
    }
  }),

  'response-open': rule(section, 'No object in an answer says additionalProperties: false: members may be added.', function* (operation) {
    for (const [schema, path] of schemasOfBodies(answerBodies(operation))) {
      if (schema.additionalProperties === false) {
        yield [path, 'an object in an answer says additionalProperties: false'];
      }
    }
  }),

  'request-bounded': rule(section, 'Everything in a request is bounded: strings by maxLength, numbers on both sides, arrays by maxItems.', function* (operation, context) {
    for (const [schema, path] of schemasOfRequest(operation, context)) {
      if (isUnboundedString(schema)) {
        yield [path, 'a string in a request has no maxLength'];
      }
      if ((is(schema, 'integer') || is(schema, 'number')) && (schema.minimum === undefined || schema.maximum === undefined)) {
        yield [path, 'a number in a request has no minimum or no maximum'];
      }
      if (is(schema, 'array') && schema.maxItems === undefined) {
        yield [path, 'an array in a request has no maxItems'];
      }
    }
  }),

  'response-request-id': rule(section, 'Every answer has X-Request-Id.', function* (operation) {
    for (const [status, answer, path] of answers(operation)) {
      if (answer.headers?.['X-Request-Id']?.required !== true) {
        yield [path, `the answer ${status} has no X-Request-Id that is always there`];
      }
    }
  }),

  'response-headers': rule(section, 'An answer has the headers that belong to its status, such as Retry-After to 429 and 503.', function* (operation) {
    for (const [status, answer, path] of answers(operation)) {
      for (const header of HEADERS_OF_STATUS[status] ?? []) {
        if (answer.headers?.[header]?.required !== true) {
          yield [path, `the answer ${status} has no ${header} that is always there`];
        }
      }
    }
  }),

  'response-rate-limit': rule(section, 'An answer to somebody with a rate has RateLimit-Policy and RateLimit.', function* (operation) {
    if (isStatic(operation)) {
      return;
    }
    for (const [status, answer, path] of answers(operation)) {
      for (const header of WITHOUT_RATE.includes(status) ? [] : ['RateLimit-Policy', 'RateLimit']) {
        if (answer.headers?.[header] === undefined) {
          yield [path, `the answer ${status} has no ${header}`];
        }
      }
    }
  }),

  'header-name': rule(section, 'Headers are written With-Capitals.', function* (operation, context) {
    for (const [parameter, path] of parameters(operation, context)) {
      if (parameter.in === 'header' && !HEADER_NAME.test(parameter.name)) {
        yield [path, `the header ${parameter.name} is not written With-Capitals`];
      }
    }
    for (const [, answer, path] of answers(operation)) {
      for (const [name, , at] of members(answer.headers, [...path, 'headers'])) {
        if (!HEADER_NAME.test(name)) {
          yield [at, `the header ${name} is not written With-Capitals`];
        }
      }
    }
  }),

  'paging-names': rule(section, `What is about paging is named ${PAGING_NAMES.join(', ')}.`, function* (operation, context) {
    for (const [parameter, path] of parameters(operation, context)) {
      if (parameter.in === 'query' && LIKE_PAGING.test(parameter.name) && !PAGING_NAMES.includes(parameter.name)) {
        yield [path, `the parameter ${parameter.name} looks like paging, which uses ${PAGING_NAMES.join(', ')}`];
      }
    }
    for (const bodies of [requestBodies(operation), answerBodies(operation)]) {
      for (const [schema, path] of schemasOfBodies(bodies)) {
        for (const [name, , at] of members(schema.properties, [...path, 'properties'])) {
          if (LIKE_PAGING.test(name) && !PAGING_NAMES.includes(name)) {
            yield [at, `the member ${name} looks like paging, which uses ${PAGING_NAMES.join(', ')}`];
          }
        }
      }
    }
  }),

  'paged-operation': rule(section, 'What takes a pageToken takes a pageSize, and answers with both tokens in meta; and the reverse.', function* (operation, context) {
    const taken = [
      ...[...parameters(operation, context)].map(([parameter]) => parameter.name),
      ...[...requestBodies(operation)].flatMap(([, media]) => Object.keys(media.schema?.properties ?? {})),
    ];
    const page = operation.responses?.['200']?.content?.['application/json']?.schema?.properties;
    const meta = page?.meta;
    const tokens = ['nextPageToken', 'prevPageToken'].every((name) => meta?.properties?.[name] && meta.required?.includes(name));
    if (taken.includes('pageToken') !== taken.includes('pageSize')) {
      yield [[], 'an operation takes both pageToken and pageSize, or neither'];
    }
    if (taken.includes('pageToken') && !tokens) {
      yield [['responses'], 'an operation that takes a pageToken answers with meta.nextPageToken and meta.prevPageToken'];
    }
    if (tokens && is(page.content ?? {}, 'array') && !taken.includes('pageToken')) {
      yield [[], 'an operation that answers with a page takes a pageToken'];
    }
  }),
});

/** Rules for what a partner serves to us: we write requests, and partners read them. */
const rulesForReceived = (section) => ({
  'sent-open': rule(section, 'No object that we send says additionalProperties: false: members may be added.', function* (operation) {
    for (const [schema, path] of schemasOfBodies(requestBodies(operation))) {
      if (schema.additionalProperties === false) {
        yield [path, 'an object that we send says additionalProperties: false'];
      }
    }
  }),

  'sent-bounded': rule(section, 'A string that we send is bounded, so that a partner knows what room it needs.', function* (operation, context) {
    for (const [schema, path] of schemasOfRequest(operation, context)) {
      if (isUnboundedString(schema)) {
        yield [path, 'a string that we send has no maxLength'];
      }
    }
  }),

  'sent-always': rule(section, 'Every member and header that we send is required, or its description says when it is absent.', function* (operation, context) {
    for (const [parameter, path] of parameters(operation, context)) {
      if (parameter.required !== true && !/absent/i.test(parameter.description ?? '')) {
        yield [path, `the header ${parameter.name} is not required, and its description does not say when it is absent`];
      }
    }
    for (const [schema, path] of schemasOfBodies(requestBodies(operation))) {
      for (const [name, member, at] of members(schema.properties, [...path, 'properties'])) {
        if (!schema.required?.includes(name) && !/absent/i.test(member.description ?? '')) {
          yield [at, `the member ${name} is not required, and its description does not say when it is absent`];
        }
      }
    }
  }),
});

/** The same rules under names of their own, for a document that has both sections. */
const prefixed = (prefix, rules) => Object.fromEntries(Object.entries(rules).map(([name, each]) => [`${prefix}-${name}`, each]));

export const served = { ...rulesForAll('paths'), ...rulesForServed('paths') };

export const received = { ...rulesForAll('paths'), ...rulesForReceived('paths') };

export const edition31 = {
  ...served,
  ...prefixed('webhook', { ...rulesForAll('webhooks'), ...rulesForReceived('webhooks') }),
};

/** Rules of Spectral that cannot hold here. */
export const notOurs = {
  // The contact is that of an installation's operator; there is no public address to give.
  'contact-properties': 'off',
  // The tags are in the order in which the documentation page shows them, what most want first.
  'openapi-tags-alphabetical': 'off',
};

/** Not ready is a state and no problem; whoever asks for it asks again at its own pace. */
export const readiness = (file) => ({
  files: [`${file}#/paths/~1health~1ready/get/responses/503`],
  rules: { 'error-is-problem': 'off', 'response-headers': 'off' },
});
