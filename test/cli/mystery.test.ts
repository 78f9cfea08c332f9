// `serve --mystery` says nothing of its fault, and `mystery` judges a diagnosis.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { DIAGNOSES } from '../../src/mystery/diagnoses.js';
import { FAULTS } from '../../src/mystery/faults.js';
import { mysteryOf } from '../../src/mystery/mystery.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { ask, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { healthy } from '../support/mysteries.js';
import { PROGRAM, run } from '../support/server.js';

const SEED = 'group-a';
const NUMBER = 5;
const { fault, amount, server } = mysteryOf(NUMBER, SEED);
const WHICH = ['mystery', String(NUMBER), `--seed=${SEED}`];
const RIGHT = fault.evidence(amount).answer;
const names = new RegExp(FAULTS.map(({ name }) => name).join('|'));

/** What a server prints until it has served a request and was stopped; a port is the same word everywhere. */
async function printed(flags: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port=0', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const pipe of [child.stdout!, child.stderr!])
    pipe.on('data', (more) => {
      text += more;
    });
  while (!/listening on port (\d+)/.test(text)) await once(child.stdout!, 'data');
  const port = /listening on port (\d+)/.exec(text)![1]!;
  await ask(Number(port), get('/', 'Connection: close\r\n'));
  child.kill('SIGTERM');
  await once(child, 'close');
  return text.replaceAll(port, 'PORT').replaceAll(String(child.pid), 'PID');
}

it(
  'the server prints the same header as one without a fault, and never the name of the fault',
  LIMIT,
  async () => {
    const file = join(temporaryFolder(), 'mystery.ndjson');
    const mysterious = await printed([
      ...WHICH.slice(1).flatMap((word, i) => (i === 0 ? ['--mystery', word] : [word])),
      '--detail=calls',
      `--record=${file}`,
    ]);
    const plain = await printed([...healthy(server), '--detail=calls']);
    const headerOf = (text: string): string =>
      text.split('listening on')[0]!.split('\n').slice(0, 8).join('\n');
    assert.equal(headerOf(mysterious), headerOf(plain));
    assert.doesNotMatch(mysterious, names);
    assert.doesNotMatch(readFileSync(file, 'utf8'), names);
  },
);

it('the right answer with its evidence is accepted, and explained', LIMIT, async () => {
  const { status, stdout } = await run([...WHICH, '--answer', fault.name, '--evidence', RIGHT]);
  assert.equal(status, 0);
  assert.match(stdout, /^Right: /);
});

it(
  'wrong evidence and a wrong diagnosis get the same verdict, which says what to look for',
  LIMIT,
  async () => {
    const other = DIAGNOSES.find(({ name }) => name !== fault.name)!;
    for (const [answer, evidence] of [
      [fault.name, 'none'],
      [other.name, RIGHT],
    ] as const) {
      const { status, stdout } = await run([...WHICH, '--answer', answer, '--evidence', evidence]);
      assert.equal(status, 1);
      assert.match(stdout, /^Not proven for mystery 5: .* The diagnosis or its\s+evidence is wrong\./s);
    }
  },
);

it('without --evidence it asks for it', LIMIT, async () => {
  const child = spawn(process.execPath, [PROGRAM, ...WHICH, '--answer', fault.name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout!.on('data', (more) => {
    text += more;
  });
  child.stdin!.end(`${RIGHT}\n`);
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  assert.ok(text.replaceAll('\n', ' ').startsWith(fault.question), text);
});

it('the list names every diagnosis, and the solution says where the fault is', LIMIT, async () => {
  const { stdout: list } = await run(['mystery', '--list']);
  for (const { name } of DIAGNOSES) assert.match(list, new RegExp(`^${name}$`, 'm'));
  const { stdout: solution } = await run([...WHICH, '--solution']);
  assert.ok(solution.includes(`src/mystery/faults/${fault.name}.ts`), solution);
  assert.ok(solution.includes(`--mode ${server.mode}`) && solution.includes(RIGHT), solution);
});
