import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import { check } from './checks.js';
import type { paths } from './generated/api.js';

/** The same contract by another generator: types of openapi-typescript, requests of openapi-fetch. */
export async function bySecondGenerator(
  url: string,
  apiKey: string,
  path: { tenantName: string; instanceName: string; patientId: string },
): Promise<void> {
  const client = createClient<paths>({ baseUrl: url, headers: { 'X-API-KEY': apiKey } });
  const messages = '/api/v1/{tenantName}/{instanceName}/patients/{patientId}/messages';

  const sent = await check('openapi-typescript: send', async () => {
    const { data, error, response } = await client.POST(messages, {
      params: { path },
      body: { message: 'By the second generator' },
    });
    assert.equal(error, undefined);
    assert.equal(response.status, 201);
    assert.ok(data);
    return data;
  });

  await check('openapi-typescript: find, as it was sent', async () => {
    const { data } = await client.GET(messages, { params: { path, query: { pageSize: 1 } } });
    assert.deepEqual(data?.content[0]?.message, sent);
    assert.equal(data?.meta.pageSize, 1);
  });

  await check('openapi-typescript: a problem is typed', async () => {
    const { error } = await client.GET(messages, { params: { path, query: { pageSize: 201 } } });
    assert.equal(error?.code, 'invalid-request');
    assert.deepEqual(
      error?.errors.map((fault) => fault.parameter),
      ['pageSize'],
    );
  });
}
