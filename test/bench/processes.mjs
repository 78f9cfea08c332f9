// The processes that the benchmark starts: each is known by its pid, has a limit of time, and is ended with the
// benchmark, by Ctrl-C as well. No other process is ever touched.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { find } from './machine.mjs';

const POLITE_MS = 3_000;

/** @type {Set<Started>} */
const running = new Set();
/** @type {string | undefined} */
let folder;

/** A folder for what the servers write; it goes when the benchmark ends. */
export function scratch(/** @type {string} */ file) {
  folder ??= mkdtempSync(join(tmpdir(), 'evented-demo-bench-'));
  return join(folder, file);
}

/** One process that was started here. */
class Started {
  stdout = '';
  stderr = '';
  over = false;

  /**
   * @param {string[]} command
   * @param {{ stdin?: 'pipe' | 'ignore', stdout?: number | 'pipe' | 'ignore', limitSeconds?: number, onStdout?: (text: string) => void }} how
   */
  constructor(command, { stdin = 'ignore', stdout = 'pipe', limitSeconds, onStdout }) {
    const [program, ...args] = command;
    this.child = spawn(program, args, { stdio: [stdin, stdout, 'pipe'] });
    running.add(this);
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      if (onStdout === undefined) this.stdout += text;
      else onStdout(text);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    const limit =
      limitSeconds === undefined
        ? undefined
        : setTimeout(() => this.child.kill('SIGKILL'), limitSeconds * 1e3);
    /** @type {Promise<{ status: number | null, signal: string | null }>} */
    this.ended = new Promise((resolve, reject) => {
      const end = () => {
        this.over = true;
        running.delete(this);
        clearTimeout(limit);
      };
      this.child.on('error', (error) => {
        end();
        reject(error);
      });
      this.child.on('close', (status, signal) => {
        end();
        resolve({ status, signal });
      });
    });
    this.ended.catch(() => {});
  }

  get pid() {
    return this.child.pid ?? 0;
  }

  /** SIGTERM, and SIGKILL for one that does not go. */
  async stop() {
    if (this.over) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), POLITE_MS);
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }
}

/** @type {(...args: ConstructorParameters<typeof Started>) => Started} */
export const start = (command, how) => new Started(command, how);

/** Runs a command to its end and gives what it printed. */
export async function run(/** @type {string[]} */ command, /** @type {number} */ limitSeconds) {
  const started = start(command, { limitSeconds });
  const { status, signal } = await started.ended;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status ?? signal}: ${started.stderr}`);
  return started.stdout;
}

/** Compiles NAME.c of this folder, and gives the program; undefined where there is no C compiler. */
export async function compile(/** @type {string} */ name) {
  const compiler = find('cc') ?? find('gcc') ?? find('clang');
  if (compiler === undefined) return undefined;
  const program = scratch(basename(name));
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  await run([compiler, '-O2', '-pthread', '-o', program, source], 60);
  return program;
}

export async function endAll() {
  await Promise.all([...running].map((each) => each.stop()));
  removeScratch();
}

function removeScratch() {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    await endAll();
    process.exit(130);
  });
}
process.on('exit', () => {
  for (const { child } of running) child.kill('SIGKILL');
  removeScratch();
});

/** A port that nobody had a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the server answers as it should; then it is up. */
export async function untilItAnswers(/** @type {Started} */ server, /** @type {number} */ port) {
  let reply = '';
  for (let tries = 0; tries < 200 && !server.over; tries++) {
    reply = await ask(port).catch(() => '');
    if (reply.startsWith('HTTP/1.1 200 ') && reply.endsWith('Hello, world!')) return;
    await sleep(50);
  }
  throw new Error(
    `${server.child.spawnargs.join(' ')} did not answer Hello, world! but: ${reply} ${server.stderr}`,
  );
}

/** @returns {Promise<string>} */
function ask(/** @type {number} */ port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    socket.setTimeout(2_000, () => socket.destroy(new Error('no reply')));
    socket.setEncoding('latin1').on('data', (text) => {
      reply += text;
    });
    socket.on('error', reject).on('close', () => resolve(reply));
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  });
}

export const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
