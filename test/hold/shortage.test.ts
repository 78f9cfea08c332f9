// Whatever runs out is named as such, in one sentence, whichever command it happens to and however early.
// exhaustion.test.ts has what a server does that runs already.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';

/** Runs it where it may open so many descriptors. */
function withDescriptors(limit: number, args: readonly string[]): { status: number | null; stderr: string } {
  const script = `ulimit -n ${limit}; exec "$0" "$@"`;
  return spawnSync('sh', ['-c', script, process.execPath, PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 30_000, // a server that did start would run for ever
  });
}

/** What Node has open by itself, which differs from one version to the next. */
const nodesOwn = Number(
  spawnSync(process.execPath, ['-p', "fs.readdirSync('/proc/self/fd').length"], { encoding: 'utf8' }).stdout,
);

const COMMANDS = [
  ['serve', '--port=0', '--until-eof'],
  ['serve', '--port=0', '--until-eof', '--engine=portable'],
  ['connect', '--port=9'],
  ['inspect'],
  ['doctor', '--port=0'],
  ['compare', 'silent'],
  ['compare', '--sweep=connections=1..2'],
  ['walkthrough', '01', '--yes'],
];

describe('too few descriptors', LIMIT, () => {
  for (const left of [3, 8, 13]) {
    it(`${left} to begin with: every command says so`, () => {
      for (const args of COMMANDS) {
        const { status, stderr } = withDescriptors(nodesOwn + left, args);
        assert.match(
          stderr,
          /^evented-demo: Too few file descriptors: [^\n]+ `ulimit -n 1024`[^\n]+\n$/,
          args.join(),
        );
        assert.equal(status, 1);
      }
    });
  }

  it('enough to start, and too few for the command: it says how many it needs', () => {
    // What a command is made of is read first, several files at a time: the larger ones need some for that.
    for (const [limit, args] of [
      [39, ['connect', '--port=9']],
      ...COMMANDS.slice(-3).map((each) => [60, each] as const),
    ] as const) {
      const { status, stderr } = withDescriptors(limit, args);
      assert.match(
        stderr,
        new RegExp(
          `^evented-demo: Too few file descriptors for [^\\n]+: the limit is ${limit}, and \\d+ are needed\\.`,
        ),
      );
      assert.doesNotMatch(stderr, /-\d|--count/);
      assert.equal(status, 1);
    }
  });
});

it(
  'a recording on a full disk: says that it is full and what is not complete, with status 1',
  LIMIT,
  async () => {
    const { status, stderr } = await run(['serve', '--port=0', '--until-eof', '--record=/dev/full']);
    assert.deepEqual(
      [status, stderr],
      [
        1,
        'evented-demo: Cannot write to /dev/full any longer (the disk is full). The server continues without recording.\n' +
          'evented-demo: /dev/full is not complete. The disk is full. Delete something, or write to another disk.\n',
      ],
    );
  },
);

it(
  'standard output on a full disk: every command that goes on without it says why, with status 1',
  LIMIT,
  () => {
    for (const args of [
      ['serve', '--port=0', '--until-eof'],
      ['compare', 'silent', '--modes=evented'],
    ]) {
      const script = 'exec "$0" "$@" >/dev/full </dev/null';
      const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, PROGRAM, ...args], {
        encoding: 'utf8',
      });
      assert.match(stderr, /^evented-demo: .*standard output.* \(the disk is full\)/);
      assert.equal(status, 1);
    }
  },
);
