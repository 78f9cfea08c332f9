// The lines of the source that a live page shows beside a thread: a running server must have reported each event from there.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { CALL_SITES, type Site, siteNameOf } from '../../src/live/call-sites.js';
import { findSourceLines, sourceLinesFor } from '../../src/live/source-lines.js';
import { temporaryFolder } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';

const SRC = fileURLToPath(new URL('../../../src/models', import.meta.url));
const BUILT = new URL('../../src/', import.meta.url);

/** Loaded into the server before anything else: it notes from where each method of the reporter is called. */
const SPY = `
import { writeSync } from 'node:fs';
import { Reporter } from '${new URL('lifecycle/reporter.js', BUILT)}';
import '${new URL('../support/unbundled.js', import.meta.url)}';
const asked = new Set(), told = new Set();
for (const name of Object.getOwnPropertyNames(Reporter.prototype)) {
  const { value } = Object.getOwnPropertyDescriptor(Reporter.prototype, name);
  if (name === 'constructor' || typeof value !== 'function') continue;
  Reporter.prototype[name] = function (...args) {
    const [first] = args;
    const id = typeof first === 'object' ? first?.id : typeof first === 'number' ? first : args[name === 'resumed' ? 2 : 1];
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 30;
    const { stack } = new Error();
    Error.stackTraceLimit = limit;
    const plain = args.map((each) => (typeof each === 'object' || typeof each === 'function' ? null : each));
    const named = typeof first === 'string' ? first : '';
    const line = JSON.stringify({ name, id, plain, isAsked: asked.has(id), stack });
    const key = [name, named, args[4], asked.has(id), stack].join();
    if (!told.has(key)) writeSync(2, 'CALLED ' + line + '\\n');
    told.add(key);
    if (name === 'request' || name === 'badRequest') asked.add(id);
    return value.apply(this, args);
  };
}
`;

interface Called {
  readonly name: string;
  readonly id?: number;
  readonly plain: readonly (string | number | boolean | null)[];
  /** Whether its connection had asked for something before. */
  readonly isAsked: boolean;
  readonly stack: string;
}

/** What the event would be, as far as it matters here. */
function eventOf({ name, id, plain }: Called): LifecycleEvent {
  const event = name.replace(/[A-Z]/g, (each) => `-${each.toLowerCase()}`);
  const [first, second, , fourth, fifth] = plain;
  return {
    event,
    call: event === 'failed' ? second : first,
    operation: first,
    waitingFor: fourth,
    linked: fifth === true || undefined,
    connection: id || undefined,
    reason: 'replied',
  } as unknown as LifecycleEvent;
}

function isAt({ file, within, code }: Site, stack: string): boolean {
  const frames = stack.matchAll(/at (?:async )?(\S+) \((?:file:\/\/)?(\S+):(\d+):\d+\)/g);
  return [...frames].some(([, name, path, line]) => {
    if (!path!.endsWith(`models/${file.replace(/ts$/, 'js')}`) || name!.split('.').at(-1) !== within)
      return false;
    return readFileSync(path!, 'utf8').split('\n')[Number(line) - 1]!.includes(code);
  });
}

/** The calls that each server must have been seen at; others are met by chance. */
const SURE: Readonly<Record<string, readonly string[]>> = {
  iterative: ['accept4', 'answer', 'clock_nanosleep', 'closed', 'recv', 'send'],
  evented: ['accept4', 'answer', 'closed', 'epoll_wait', 'ready', 'recv', 'send', 'watch'],
  async: ['accept4', 'answer', 'closed', 'epoll_wait', 'ready', 'recv', 'send', 'watch'],
  completion: [
    'accept4',
    'answer',
    'done',
    'io_uring_enter',
    'submit accept',
    'submit recv',
    'submit timeout',
  ],
};
const KINDS: Readonly<Record<string, string>> = {
  iterative: 'server',
  evented: 'loop',
  async: 'async-loop',
  completion: 'ring-loop',
};

describe('the source line of an event', LIMIT, () => {
  const called = new Map<string, Called[]>();

  async function watchCalls(mode: string, spy: string): Promise<void> {
    const server = await TestServer.start([`--mode=${mode}`], ['env', `NODE_OPTIONS=--import=${spy}`]);
    for (const head of [get('/sleep?ms=1'), get('/', 'Content-Length: 5\r\n'), 'nonsense\r\n\r\n']) {
      const client = await Client.connect(server.port);
      client.send(head);
      await client.rest();
    }
    const silent = await Client.connect(server.port);
    silent.socket.end();
    await server.count('closed', 4);
    const { stderr } = await server.stop();
    const lines = stderr.split('\n').filter((line) => line.startsWith('CALLED '));
    called.set(
      mode,
      lines.map((line) => JSON.parse(line.slice('CALLED '.length)) as Called),
    );
  }

  before(async () => {
    const spy = join(temporaryFolder(), 'spy.mjs');
    writeFileSync(spy, SPY);
    await Promise.all(Object.keys(KINDS).map((mode) => watchCalls(mode, spy)));
  });

  for (const [mode, kind] of Object.entries(KINDS))
    it(`is where the ${mode} server reports it`, () => {
      const seen = new Set<string>();
      for (const each of called.get(mode)!) {
        const call = siteNameOf(eventOf(each));
        const sites = (call && CALL_SITES[kind]![call]) ?? [];
        if (sites.length === 0) continue;
        const here = sites.filter((site) => isAt(site, each.stack));
        assert.ok(here.length > 0, `${call} of ${kind} is not where the table says: ${each.stack}`);
        const may = each.isAsked ? 'before-request' : 'after-request';
        assert.ok(
          here.some(({ only }) => only !== may),
          `${call} of ${kind} is not only ${here[0]!.only}`,
        );
        seen.add(call!);
      }
      assert.deepEqual(
        SURE[mode]!.filter((call) => !seen.has(call)),
        [],
      );
    });
});

it('the build finds every line, in the function that it is in, and gives a page those of its models', () => {
  const read = (file: string): string => readFileSync(join(SRC, file), 'utf8');
  const { places, lines } = findSourceLines(read);
  for (const [kind, sites] of Object.entries(CALL_SITES))
    for (const [call, each] of Object.entries(sites))
      each?.forEach(({ file, code }, i) => {
        const { line } = places[kind]![call]![i]!;
        assert.ok(lines[file]![line]!.includes(code), `${kind} ${call}`);
      });
  assert.deepEqual(Object.keys(sourceLinesFor(['evented:poller=poll', 'pool']).places).sort(), [
    'compute',
    'dispatch',
    'loop',
    'pool',
  ]);
  assert.throws(() => findSourceLines(() => 'nothing'), /has no/);
});
