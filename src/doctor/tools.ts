// The programs that show the same story from outside: each is run, and where it is missing it is told how to get it.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { procUnavailable } from '../posix/platform.js';
import { type Check, type Finding, failing, ok, PATIENCE_MS, warning } from './finding.js';

interface Tool {
  readonly name: string;
  readonly for: string;
  /** Arguments with which it does something and ends. */
  readonly trial: readonly string[];
  /** Whether the trial has to go well; otherwise it is enough that the program is there. */
  readonly mustSucceed: boolean;
  /** Without it a class could not be held. */
  readonly needed?: true;
  /** Of use without the walkthroughs and the system calls too. */
  readonly everywhere?: true;
}

const TOOLS: readonly Tool[] = [
  {
    name: 'bash',
    for: 'is the shell in the terminals of every walkthrough',
    trial: ['--version'],
    mustSucceed: true,
    needed: true,
  },
  { name: 'curl', for: 'asks for pages', trial: ['--version'], mustSucceed: true, everywhere: true },
  { name: 'ss', for: 'lists sockets', trial: ['-tln'], mustSucceed: true },
  {
    name: 'ps',
    for: 'lists each thread, as in walkthrough 06',
    trial: ['-T', '-p', String(process.pid), '-o', 'spid,comm,stat,time'], // more than busybox's ps can
    mustSucceed: true,
  },
  {
    name: 'strace',
    for: 'shows system calls',
    trial: ['-qq', '-e', 'trace=none', 'true'],
    mustSucceed: true,
  },
  { name: 'nc', for: 'holds connections', trial: ['-h'], mustSucceed: false },
];

/** What installs, and in which package; where none is named it is called like the tool. */
const INSTALLERS: readonly { command: string; install: string; packages: Record<string, string> }[] = [
  {
    command: 'apt-get',
    install: 'apt-get install',
    packages: { ss: 'iproute2', ps: 'procps', nc: 'netcat-openbsd' },
  },
  { command: 'dnf', install: 'dnf install', packages: { ss: 'iproute', ps: 'procps-ng', nc: 'nmap-ncat' } },
  {
    command: 'pacman',
    install: 'pacman -S',
    packages: { ss: 'iproute2', ps: 'procps-ng', nc: 'openbsd-netcat' },
  },
  {
    command: 'zypper',
    install: 'zypper install',
    packages: { ss: 'iproute2', ps: 'procps', nc: 'netcat-openbsd' },
  },
  { command: 'apk', install: 'apk add', packages: { ss: 'iproute2', ps: 'procps-ng', nc: 'netcat-openbsd' } },
];

/** The others show what Linux alone has. */
export const tools: Check = () =>
  Promise.all(TOOLS.filter(({ everywhere }) => everywhere || !procUnavailable()).map(examineTool));

async function examineTool(tool: Tool): Promise<Finding> {
  const problem = await run(tool.name, tool.trial);
  const bad = tool.needed ? failing : warning;
  if (problem === 'missing') return bad(tool.name, `missing; it ${tool.for}`, howToInstall(tool.name));
  if (problem === undefined || !tool.mustSucceed) return ok(tool.name, `${tool.for}; it runs`);
  const otherwise = tool.needed ? 'install it anew' : 'try it as root, or do without it';
  return bad(tool.name, `is there, but fails here: ${problem}`, otherwise);
}

/** Why the program did not end well, in its own last words; undefined where it did. */
function run(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { timeout: PATIENCE_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('missing');
      else resolve(stderr.trim().split('\n').at(-1) || error.message.split('\n')[0]);
    });
    child.stdin?.end();
  });
}

function howToInstall(tool: string): string {
  const installer = INSTALLERS.find(({ command }) => inPath(command));
  if (installer === undefined) return "install it with this system's package manager";
  return `${process.getuid?.() === 0 ? '' : 'sudo '}${installer.install} ${installer.packages[tool] ?? tool}`;
}

function inPath(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
