// Whether this machine has the system calls as this program knows them: Linux, on a CPU whose constants and
// structures are the common ones. Elsewhere the portable engine stands in.

/** O_NONBLOCK, SOL_SOCKET and others have other values on mips, sparc and ppc; s390x counts bytes the other way. */
const KNOWN_CPUS: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

/** Why the servers can't be run on system calls here; undefined where they can. */
export function systemCallsUnavailable(platform: string = process.platform, cpu: string = process.arch) {
  if (platform !== 'linux') return `needs Linux, found ${platform}`;
  if (!KNOWN_CPUS.includes(cpu)) return `needs one of the CPUs ${KNOWN_CPUS.join(', ')}, found ${cpu}`;
  return undefined;
}
