// The tests do not depend on where they are run, and what a failed one has left behind does not keep its file from ending.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn, temporaryFolder } from './cleanup.js';
import { LIMIT } from './limit.js';
import { PROGRAM } from './server.js';

const SUPPORT = new URL('./', import.meta.url);
const SOURCES = fileURLToPath(new URL('../../../test/', import.meta.url)); // this file is run from build/test/support

async function node(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const [status] = await once(child, 'close');
  return { status: status as number | null, stdout };
}

it(
  'whatever terminal, locale or CI the tests are run in, what they start is told the same',
  LIMIT,
  async () => {
    const { PATH } = process.env;
    const script = `await import(${JSON.stringify(`${SUPPORT}server.js`)});
    const { HOME, ...rest } = process.env;
    console.log(JSON.stringify({ ...rest, home: typeof HOME }));`;
    const told = async (env: NodeJS.ProcessEnv) =>
      JSON.parse((await node(['--input-type=module', '-e', script], { PATH, ...env })).stdout);
    const plain = await told({});
    for (const env of [
      { FORCE_COLOR: '1', COLORTERM: 'truecolor', TERM: 'xterm-kitty' },
      { NO_COLOR: '1', TERM: 'dumb', COLUMNS: '20' },
      { CI: 'true', LANG: 'C', LC_CTYPE: 'de_DE', HOME: '/nowhere', SHELL: '/bin/false' },
      { npm_command: 'exec', NODE_OPTIONS: '--no-warnings', XDG_STATE_HOME: '/nowhere' },
    ]) {
      assert.deepEqual(await told(env), plain);
    }
  },
);

it('a file ends although a test has left a process, a listener and a connection behind', LIMIT, async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'left.test.js');
  const pids = join(folder, 'pid');
  const from = (name: string): string => JSON.stringify(new URL(name, SUPPORT));
  writeFileSync(
    file,
    `const { spawn } = await import(${from('cleanup.js')});
     const { smallServer } = await import(${from('small-server.js')});
     const { Client } = await import(${from('client.js')});
     const { it } = await import('node:test');
     const { writeFileSync } = await import('node:fs');
     const begin = async () => {
       const server = await smallServer();
       await Client.connect(server.port);
       const { pid } = spawn(process.execPath, [${JSON.stringify(PROGRAM)}, 'connect', '--silent', '--port=' + server.port]);
       writeFileSync(${JSON.stringify(pids)}, pid + ' ', { flag: 'a' });
     };
     it('fails', async () => { await begin(); throw new Error('on purpose'); });
     it('is out of time', { timeout: 1000 }, async () => { await begin(); await new Promise(() => {}); });`,
  );
  const { PATH } = process.env;
  const { status, stdout } = await node(['--test', '--test-reporter=tap', file], { PATH });
  assert.equal(status, 1);
  assert.match(stdout, /^# (?:fail|cancelled) [12]$/m);
  for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) assert.ok(!existsSync(`/proc/${pid}`), pid);
});

it('no test starts a process that is not ended with it', () => {
  const careless = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/^(?:soak|support.cleanup)/.test(path))
    .filter((path) =>
      /import \{[^}]*\b(?:spawn|fork|createServer)\b[^}]*\} from 'node:(?:child_process|net)'/.test(
        readFileSync(join(SOURCES, path), 'utf8'),
      ),
    );
  assert.deepEqual(careless, ['support/small-server.ts']);
});
