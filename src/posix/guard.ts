// What a program has started ends with the program, whatever ends that one, SIGKILL included.
// The guard is a shell that waits for its standard input to end, which happens when the program does.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readProc, statFields } from './proc.js';

/** In the environment of all that is started: an id for each guard, for one guarded program may start another. */
const MARK = 'EVENTED_DEMO_GUARD';

/**
 * Each line of its input is a session (credentials(7)) that has begun, or with a minus one that is over: another process may
 * get that number later. When the input ends, it sends SIGTERM, and after at most 2 s SIGKILL, to each process that has the
 * id, $1, in its environment, is in one of the sessions, or is traced from one: a daemon leaves its session, and may have no
 * environment, but strace follows it. Then it deletes the folder, $2.
 */
const GUARD = `
trap '' INT TERM HUP
sessions=' '
while read -r session; do
  case $session in
    -*) sessions=\${sessions%" \${session#-} "*}' '\${sessions#*" \${session#-} "} ;;
    *) sessions="$sessions$session " ;;
  esac
done
survivors() {
  marked=$(grep -lsF -- "$1" /proc/[0-9]*/environ)
  traced=$(grep -lsE "^TracerPid:[[:space:]]*($(echo $sessions | tr ' ' '|'))$" /proc/[0-9]*/status)
  for process in /proc/[0-9]*; do
    read -r stat <"$process/stat" || continue
    set -- \${stat##*) } # state, parent, group, session: see proc(5)
    [ "$1" = Z ] && continue
    case "$marked $traced" in *"$process/"*) echo "\${process#/proc/}"; continue ;; esac
    case "$sessions" in *" $4 "*) echo "\${process#/proc/}" ;; esac
  done
}
signal() {
  found=1
  for pid in $(survivors "$2"); do kill -s "$1" "$pid" && found=0; done
  return $found
}
signal TERM "$1"
i=0
while [ $i -lt 40 ] && signal 0 "$1"; do sleep 0.05; i=$((i + 1)); done
i=0
while [ $i -lt 100 ] && signal KILL "$1"; do sleep 0.02; i=$((i + 1)); done
[ -z "$2" ] || rm -rf -- "$2"
`;

/** The shells, by pid: descendants.ts leaves them out. */
export const guards = new Set<number>();

export class Guard {
  /** For the environment of what is started. */
  readonly mark: NodeJS.ProcessEnv;
  readonly #shell: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #sessions = new Set<number>();
  readonly #ownSession = Number(statFields(readProc('/proc/self/stat'))[3]);

  /** It deletes the folder, too. */
  constructor(folder = '') {
    const id = randomUUID();
    const { [MARK]: outer = '', ...env } = process.env; // the guard of a program around ours leaves this one to its work
    this.mark = { [MARK]: `${outer} ${id}`.trim() };
    this.#shell = spawn('sh', ['-c', GUARD, 'guard', id, folder], {
      detached: true, // no signal that is meant for us reaches it
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#gone = once(this.#shell, 'close').catch(() => {}); // a system without sh: then nobody guards
    this.#shell.stdin!.on('error', () => {});
    this.#shell.unref();
    if (this.#shell.pid !== undefined) guards.add(this.#shell.pid);
  }

  /** Processes in this session, or that are traced from it, are ended too. Never our own: the user's shell is in that one. */
  add(session: number): void {
    if (this.#sessions.has(session) || session === this.#ownSession) return;
    this.#sessions.add(session);
    this.#shell.stdin!.write(`${session}\n`);
  }

  remove(session: number): void {
    if (this.#sessions.delete(session)) this.#shell.stdin!.write(`-${session}\n`);
  }

  /** Resolves when nothing is left. */
  async end(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin!.end();
    await this.#gone;
  }

  /** For who has ended all of it. */
  dismiss(): void {
    this.#shell.kill('SIGKILL');
  }
}

let ofThisProcess: Guard | undefined;

/** From now on, for all that this process starts, with its environment. */
export function guardThisProcess(): Guard {
  ofThisProcess = new Guard();
  Object.assign(process.env, ofThisProcess.mark);
  return ofThisProcess;
}

/** Where this process is guarded. */
export const guardSession = (session: number): void => ofThisProcess?.add(session);

/** Its processes have ended. */
export const sessionOver = (session: number): void => ofThisProcess?.remove(session);
