// What a lesson's block needs is looked for, and what is missing is said in a sentence.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unmet } from '../../src/walkthrough/needs.js';

const REFUSED = 'io_uring is not permitted here (EPERM), as in many containers';

it('programs that are missing are named together', () => {
  assert.equal(unmet(['sh']), undefined);
  assert.equal(unmet(['sh', 'no-such-tool']), 'no-such-tool is not installed');
  assert.equal(unmet(['no-such-tool', 'nor-this']), 'no-such-tool and nor-this are not installed');
});

it('io_uring is asked of the kernel, not looked for among the programs', () => {
  assert.equal(
    unmet(['sh', 'io_uring'], () => undefined),
    undefined,
  );
  assert.equal(
    unmet(['io_uring'], () => REFUSED),
    REFUSED,
  );
  assert.equal(
    unmet(['no-such-tool', 'io_uring'], () => REFUSED),
    `no-such-tool is not installed; ${REFUSED}`,
  );
  assert.equal(
    unmet(['sh'], () => REFUSED),
    undefined,
  );
});
