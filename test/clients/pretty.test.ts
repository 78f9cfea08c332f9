// The last lines of `connect`, as a person reads them.
// Stands beside src/clients/pretty.ts; what it tells of real clients is in test/cli/connect.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { ClientEvent, Stopped } from '../../src/clients/events.js';
import { PrettyClients } from '../../src/clients/pretty.js';

test('large numbers have the same form wherever they stand in the summary', () => {
  const stopped: ClientEvent & Stopped = {
    event: 'stopped',
    at: 6_010_000,
    monotonicUs: 0,
    clients: 3_500,
    connected: 2_000,
    replies: 1_200,
    failed: 1_500,
    bytesIn: 0,
    bytesOut: 0,
    left: { TIME_WAIT: 1_977 },
  };
  const [summary] = new PrettyClients(new Chalk({ level: 0 }), undefined, []).lines([stopped]);
  assert.equal(
    summary,
    [
      '',
      'ended after 6.01 s',
      '  3,500 clients, 2,000 connected; 1,200 replies; 1,500 failed',
      '  left: 1,977 in TIME_WAIT, for a minute',
      '',
    ].join('\n'),
  );
});
