// Whether this machine has the system calls as this program knows them: Linux, on a CPU whose constants and
// structures are the common ones. Elsewhere the portable engine stands in.

import { existsSync } from 'node:fs';

/** O_NONBLOCK, SOL_SOCKET and others have other values on mips, sparc and ppc; s390x counts bytes the other way. */
const KNOWN_CPUS: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

const NAMES: Readonly<Record<string, string>> = { darwin: 'macOS', win32: 'Windows', linux: 'Linux' };

/** As its users call it. */
export const systemName = (platform: string = process.platform): string => NAMES[platform] ?? platform;

/** Why the servers cannot run on system calls here; undefined if they can. */
export function systemCallsUnavailable(platform: string = process.platform, cpu: string = process.arch) {
  if (platform !== 'linux') return `needs Linux, and this is ${systemName(platform)}`;
  if (!KNOWN_CPUS.includes(cpu)) return `needs a CPU of ${KNOWN_CPUS.join(', ')}, and this is ${cpu}`;
  return undefined;
}

/** Why the kernel cannot be asked about processes, in /proc (proc(5)); undefined if it can. */
export function procUnavailable(platform: string = process.platform): string | undefined {
  if (platform !== 'linux') return `needs Linux, and this is ${systemName(platform)}`;
  return existsSync('/proc/self/limits') ? undefined : 'needs /proc, which is not mounted here';
}
