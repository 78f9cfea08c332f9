// The programs that show the same story from outside: runs each, and says how to install a missing one.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { procUnavailable } from '../posix/platform.js';
import { type Finding, failing, type MachineCheck, ok, PATIENCE_MS, warning } from './finding.js';

interface Tool {
  readonly name: string;
  readonly for: string;
  /** Arguments for a short run that ends by itself. */
  readonly trial: readonly string[];
  /** The program need only be there. */
  readonly mayFail?: true;
  /** No class works without it. */
  readonly needed?: true;
  /** Useful also where there are no walkthroughs and no system calls. */
  readonly everywhere?: true;
}

const TOOLS: readonly Tool[] = [
  { name: 'bash', for: 'is the shell of every walkthrough', trial: ['--version'], needed: true },
  { name: 'curl', for: 'requests pages', trial: ['--version'], everywhere: true },
  { name: 'ss', for: 'lists sockets', trial: ['-tln'] },
  {
    name: 'ps',
    for: 'lists threads, as in walkthrough 06',
    trial: ['-T', '-p', String(process.pid), '-o', 'spid,comm,stat,time'], // more than busybox's ps can
  },
  { name: 'strace', for: 'shows system calls', trial: ['-qq', '-e', 'trace=none', 'true'] },
  { name: 'nc', for: 'holds connections', trial: ['-h'], mayFail: true },
  { name: 'python3', for: 'is the server of walkthrough 21', trial: ['-c', 'import http.server'] },
];

/** The installers, and the packages that are not named like their tool. */
const INSTALLERS: readonly { install: string; packages: Record<string, string> }[] = [
  { install: 'apt-get install', packages: { ss: 'iproute2', ps: 'procps', nc: 'netcat-openbsd' } },
  { install: 'dnf install', packages: { ss: 'iproute', ps: 'procps-ng', nc: 'nmap-ncat' } },
  { install: 'pacman -S', packages: { ss: 'iproute2', ps: 'procps-ng', nc: 'openbsd-netcat' } },
  { install: 'zypper install', packages: { ss: 'iproute2', ps: 'procps', nc: 'netcat-openbsd' } },
  { install: 'apk add', packages: { ss: 'iproute2', ps: 'procps-ng', nc: 'netcat-openbsd' } },
];

/** All but these show what only Linux has. */
export const tools: MachineCheck = () =>
  Promise.all(TOOLS.filter(({ everywhere }) => everywhere || !procUnavailable()).map(examineTool));

async function examineTool(tool: Tool): Promise<Finding> {
  const problem = await run(tool.name, tool.trial);
  const bad = tool.needed ? failing : warning;
  if (problem === 'missing') return bad(tool.name, `missing; it ${tool.for}`, howToInstall(tool.name));
  if (problem === undefined || tool.mayFail) return ok(tool.name, `works; it ${tool.for}`);
  const otherwise = tool.needed ? 'install it again' : 'try it as root, or do without it';
  return bad(tool.name, `installed, but fails here: ${problem}`, otherwise);
}

/** The program's last line where it failed; undefined where it did not. */
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
  const installer = INSTALLERS.find(({ install }) => inPath(install.split(' ')[0]!));
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
