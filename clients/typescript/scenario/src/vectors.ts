import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { check } from './checks.js';

interface Vector {
  name: string;
  standard: boolean;
  secrets: string[];
  now: number;
  headers: Record<string, string>;
  body: string;
  expected: { valid: boolean; reason?: string };
}

/** The published npm library says of each vector what the vector says. */
export async function vectors(): Promise<void> {
  const file = new URL('../../../../api-spec/webhook-vectors/vectors.json', import.meta.url);
  const all = (JSON.parse(await readFile(file, 'utf8')) as { vectors: Vector[] }).vectors;
  const standard = all.filter((vector) => vector.standard);
  await check(`standardwebhooks agrees with the ${standard.length} vectors that it decides`, () => {
    assert.ok(standard.length > 20);
    const systemClock = Date.now;
    try {
      for (const vector of standard) {
        // The library knows no other clock.
        Date.now = () => vector.now * 1000;
        assert.equal(verifies(vector), vector.expected.valid, vector.name);
      }
    } finally {
      Date.now = systemClock;
    }
  });
}

function verifies(vector: Vector): boolean {
  return vector.secrets.some((secret) => {
    try {
      new Webhook(secret).verify(Buffer.from(vector.body, 'base64'), vector.headers);
      return true;
    } catch (fault) {
      if (fault instanceof WebhookVerificationError) {
        return false;
      }
      throw fault;
    }
  });
}
