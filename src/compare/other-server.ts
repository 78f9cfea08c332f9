// A server that is not ours, beside the models of a comparison: it runs under `evented-demo watch`, by the command that
// --with gave.

import type { LifecycleEvent, Listening, OnEvents } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import { isAny } from '../net/address.js';
import { PORT } from '../net/free-port.js';
import type { ComparedServer } from './compared-server.js';
import { ServerProcess } from './server-process.js';

/** A server that does not listen by then is stopped, in milliseconds: strace makes its start slower. */
const START_MS = 20_000;
/** One that has opened another port than ours may still open ours, in milliseconds. */
const ELSEWHERE_MS = 3000;
/** `watch` itself takes four seconds for a server that ignores Ctrl-C; killed before, it would leave it behind: milliseconds. */
const STOP_MS = 15_000;

/** Only a simple command can take the shell's place: one that would stay, asleep in wait4, is confusing. */
const COMPOUND = /[;&|(\n]|^\s*(\w+=|(if|for|while|until|case|!)\b)/;

export interface OtherCommand {
  readonly name: ServerName;
  /** For a shell, with `{port}` in it. */
  readonly command: string;
  readonly port: number;
}

type Opened = Pick<Listening, 'address' | 'port'>;

export class OtherServer implements ComparedServer {
  readonly mode: ServerName;
  readonly listening: Promise<Listening | undefined>;
  readonly ended: Promise<string | undefined>;
  readonly #port: number;
  readonly #process: ServerProcess;
  #failure: string | undefined;

  constructor({ name, command, port }: OtherCommand, onEvents: OnEvents, startMs = START_MS) {
    this.mode = name;
    this.#port = port;
    let here = (): void => {};
    const opened = new Promise<void>((resolve) => {
      here = resolve;
    });
    let elsewhere: NodeJS.Timeout | undefined;
    const shell = [
      'sh',
      '-c',
      (COMPOUND.test(command) ? '' : 'exec ') + command.replaceAll(PORT, String(port)),
    ];
    this.#process = new ServerProcess(name, ['watch', '--', ...shell], (events) => {
      for (const each of events.filter(opensPort)) {
        if (this.#isOurs(each)) here();
        else elsewhere ??= setTimeout(() => this.#giveUp(this.#elsewhere(each)), ELSEWHERE_MS);
      }
      onEvents(events);
    });
    const late = setTimeout(
      () => this.#giveUp(`The server did not listen on port ${port} within ${startMs / 1000} s.`),
      startMs,
    );
    this.ended = this.#process.ended.then((why) => this.#failure ?? (why && this.#withLastLine(why)));
    this.listening = Promise.race([
      opened.then(async () => ({ ...(await this.#process.listening)!, port })),
      this.ended.then(() => undefined),
    ]);
    void this.listening.then(() => {
      clearTimeout(late);
      clearTimeout(elsewhere);
    });
  }

  stop(): Promise<void> {
    return this.#process.stop(STOP_MS);
  }

  #isOurs({ address, port }: Opened): boolean {
    return port === this.#port && (address === '127.0.0.1' || isAny(address));
  }

  #elsewhere({ address, port }: Opened): string {
    const use = port === this.#port ? 'Make it listen on 127.0.0.1.' : `Does its command use ${PORT}?`;
    return `The server listens on ${address} port ${port}, but the clients connect to 127.0.0.1 port ${this.#port}. ${use}`;
  }

  #giveUp(failure: string): void {
    this.#failure = failure;
    void this.stop();
  }

  /** Whatever went wrong, the server itself may have said why. */
  #withLastLine(why: string): string {
    const last = this.#process.said
      .trimEnd()
      .split('\n')
      .findLast((line) => line.startsWith(OWN_LINE));
    return last === undefined ? why : `${why} The last line that it printed: ${last.slice(OWN_LINE.length)}`;
  }
}

/** How `watch` marks what the server itself prints. */
const OWN_LINE = 'server: ';

const opensPort = (event: LifecycleEvent): event is LifecycleEvent & Opened =>
  event.event === 'listening' || event.event === 'also-listening';
