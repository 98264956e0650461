import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Runs one check and says so. The first difference ends the program. */
export async function check<T>(what: string, body: () => Promise<T> | T): Promise<T> {
  try {
    const result = await body();
    console.log(`ok    ${what}`);
    return result;
  } catch (fault) {
    console.error(`FAIL  ${what}`);
    console.error(fault);
    process.exit(1);
  }
}

/** Waits until something holds, at most for the time given. */
export async function until(what: string, seconds: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `${what} within ${seconds} s`);
    await pause(50);
  }
}

/** A variable of data/demo.env. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    console.error(`${name} is not set. "./carechat clients" sets it, and so does data/demo.env of a running carechat.`);
    process.exit(2);
  }
  return value;
}
