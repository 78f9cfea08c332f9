// Ends strace and the watched program where this program dies of whatever, SIGKILL included, and cannot do it itself.
// It is a shell that waits for its standard input to end: nobody else has the other end of that pipe.

import { type ChildProcess, spawn } from 'node:child_process';

/**
 * The input is strace's pid, and then `over` where all has ended in order. Otherwise: whatever strace traces ($1 is `kill`) is
 * killed until nothing is left, for a process may have been starting another one; a program that was attached to lives on,
 * because strace lets go of it at SIGINT. Descriptor 3 keeps strace's pipe open meanwhile: strace ends when nobody reads, and
 * nobody would know any longer what it traced. $2 is the folder of that pipe.
 */
const GUARDIAN = `
trap '' INT TERM HUP
read -r strace || exit
[ "$strace" = over ] && exit
read -r word && exit
cat <&3 >/dev/null &
traced() { grep -ls "^TracerPid:[[:space:]]*$strace$" /proc/[0-9]*/status | cut -d/ -f3; }
if [ "$1" = kill ]; then
  i=0
  while pids=$(traced) && [ -n "$pids" ] && [ $i -lt 100 ]; do kill -s KILL $pids; sleep 0.02; i=$((i + 1)); done
fi
kill -s INT "$strace"
i=0
while kill -s 0 "$strace" && [ $i -lt 100 ]; do sleep 0.02; i=$((i + 1)); done
kill -s KILL "$strace" $!
rm -rf -- "$2"
`;

export class Guardian {
  readonly #shell: ChildProcess;

  /** `reading`: the end of strace's pipe from which it is read. */
  constructor(killsTraced: boolean, folder: string, reading: number) {
    const args = ['-c', GUARDIAN, 'guardian', killsTraced ? 'kill' : 'detach', folder];
    this.#shell = spawn('sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore', reading] });
    this.#shell.on('error', () => {}); // a system without sh: then nobody guards
    this.#shell.stdin!.on('error', () => {});
    this.#shell.unref();
  }

  guards(strace: number): void {
    this.#shell.stdin!.write(`${strace}\n`);
  }

  over(): void {
    this.#shell.stdin!.end('over\n');
  }
}
