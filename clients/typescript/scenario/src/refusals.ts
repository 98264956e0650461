import assert from 'node:assert/strict';
import { type Problem, ProblemFromJSON, ResponseError } from 'carechat-client';
import { check } from './checks.js';

/** A call that the service refuses, and how. */
export async function refused(
  what: string,
  status: number,
  code: string,
  call: () => Promise<unknown>,
  more: (problem: Problem, response: Response) => void = () => {},
): Promise<void> {
  await check(what, async () => {
    const response = await call().then(
      () => assert.fail('It was not refused'),
      (fault: unknown) => {
        assert.ok(fault instanceof ResponseError, String(fault));
        return fault.response;
      },
    );
    assert.equal(response.status, status);
    assert.equal(response.headers.get('Content-Type'), 'application/problem+json');
    const problem = ProblemFromJSON(await response.json());
    assert.equal(problem.code, code);
    assert.equal(problem.status, status);
    assert.equal(problem.type, `/problems/${code}`);
    assert.equal(problem.instance, response.headers.get('X-Request-Id'));
    more(problem, response);
  });
}
