// Where in the source a thread makes each of its calls. An event names the call, and each call has its place in the files of
// its model: so the line at which a thread is follows from its last event, and costs the server nothing.

import type { LifecycleEvent, Operation, SleepCall, StepCall } from '../lifecycle/events.js';
import type { ConnectionState } from '../lifecycle/state.js';

/** A line of the source, by what stands in it. The build looks it up, and fails where it is not there. */
export interface Site {
  /** Below src/models. */
  readonly file: string;
  /** The function or method that it is in; it is the first line there with this code. */
  readonly within: string;
  readonly code: string;
  /** Of two places for one call: whether it can only be the one before the first request, or the one after it. */
  readonly only?: 'before-request' | 'after-request' | undefined;
}

/** What an event can name: a call, a submission, or a step of the server that reports it. */
export type SiteName =
  | SleepCall
  | StepCall
  | `futex ${string}`
  | `submit ${Operation}`
  | 'submit linked send'
  | 'done'
  | 'answer'
  | 'watch'
  | 'ready'
  | 'queue'
  | 'closed';

export type Sites = Readonly<Partial<Record<SiteName, readonly Site[]>>>;

const inFile =
  (file: string) =>
  (within: string, code: string, only?: Site['only']): Site => ({ file, within, code, only });

/** The steps that are the same in the blocking conversation and in its twin with await. */
function conversationIn(file: string): Sites {
  const at = inFile(file);
  return {
    answer: [at('#converse', 'steps.answer(')],
    recv: [at('#receive', 'this.#calls.recv('), at('#linger', 'this.#calls.recv(', 'after-request')],
    clock_nanosleep: [at('#sleep', 'this.#calls.nanosleep(')],
    send: [at('#send', 'this.#calls.send(')],
    shutdown: [at('#converse', 'this.#calls.shutdown(')],
  };
}

const blocking = inFile('blocking/conversation.ts');
const CLOSE = blocking('#close', 'steps.close(');
const BLOCKING: Sites = { ...conversationIn('blocking/conversation.ts'), close: [CLOSE], closed: [CLOSE] };

/** Where the thread that serves also accepts, it also closes those that are too many. */
const REFUSE = inFile('acceptor.ts')('refuse', 'this.#calls.close(', 'before-request');

const accept = (file: string, within: string): Sites => ({
  accept4: [inFile(file)(within, 'acceptor.accept()')],
});

const poller = (name: string, code: string): readonly Site[] => [
  inFile(`loop/pollers/${name}.ts`)('wait', code),
];
const POLLERS: Sites = {
  epoll_wait: poller('epoll', 'this.#calls.epoll_wait('),
  poll: poller('poll', 'this.#calls.poll('),
  select: poller('select', 'this.#calls.select('),
  epoll_ctl: [inFile('loop/pollers/epoll.ts')('#control', 'this.#calls.epoll_ctl(')],
};

const evented = inFile('evented/conversation.ts');
const EVENTED_CLOSE = evented('close', 'steps.close(');
const asynchronous = inFile('async/conversation.ts');
const ASYNC_CLOSE = asynchronous('close', 'steps.close(');
const completing = inFile('completion/conversation.ts');
const operations = inFile('completion/operations.ts');

/** By the thread's name, without its number. */
export const CALL_SITES: Readonly<Record<string, Sites>> = {
  server: { ...BLOCKING, ...accept('blocking/iterative.ts', 'serve'), close: [CLOSE, REFUSE] },
  acceptor: accept('blocking/server.ts', 'serve'),
  conn: {
    ...BLOCKING,
    'futex work': [inFile('blocking/connection-thread.ts')('waitForNext', 'shared.sleepWhile(THREAD.idle)')],
  },
  dispatch: {
    ...accept('blocking/pool.ts', 'serve'),
    queue: [inFile('blocking/pool.ts')('serve', 'queue.put(')],
  },
  pool: BLOCKING,
  parent: {
    ...accept('blocking/processes.ts', 'acceptAll'),
    'futex free-thread': [inFile('blocking/processes.ts')('waitForPart', 'memory.sleepUntilFreed(')],
    'futex stop': [inFile('blocking/processes.ts')('keepListener', 'memory.sleepUntilStop(')],
  },
  proc: {
    ...BLOCKING,
    ...accept('blocking/connection-process.ts', 'acceptAndServe'),
    close: [CLOSE, REFUSE],
  },
  loop: {
    ...POLLERS,
    ...accept('evented/server.ts', 'accept'),
    ready: [inFile('evented/server.ts')('turn', 'loop.next()')],
    watch: [evented('resume', 'this.#loop.arm(')],
    answer: [evented('#answer', 'steps.answer(')],
    recv: [evented('#recv', 'this.#calls.recv(')],
    send: [evented('#send', 'this.#calls.send(')],
    shutdown: [evented('#onReplied', 'this.#calls.shutdown(')],
    close: [EVENTED_CLOSE, REFUSE],
    closed: [EVENTED_CLOSE],
  },
  compute: {
    'futex work': [inFile('evented/worker-thread.ts')('waitForNext', 'shared.sleepWhile(')],
  },
  'async-loop': {
    ...conversationIn('async/conversation.ts'),
    ...POLLERS,
    ...accept('async/server.ts', 'accept'),
    ready: [inFile('async/server.ts')('turn', 'loop.next()')],
    watch: [inFile('async/async-calls.ts')('#until', 'this.#loop.arm(')],
    close: [ASYNC_CLOSE, REFUSE],
    closed: [ASYNC_CLOSE],
  },
  'ring-loop': {
    accept4: [inFile('completion/server.ts')('named', 'acceptor.admit(c)')],
    io_uring_enter: [inFile('completion/ring.ts')('wait', 'this.#calls.io_uring_enter(')],
    done: [operations('next', 'this.#calls.completed(')],
    answer: [completing('#answer', 'steps.answer(')],
    shutdown: [completing('#onReplied', 'this.#operations.shutdown(')],
    'submit accept': [operations('accept', 'this.#submit(ACCEPT')],
    'submit getsockopt': [inFile('completion/server.ts')('accepted', 'operations.getpeername(c)')],
    'submit recv': [
      completing('#receive', 'this.#operations.recv(c)'),
      completing('#linger', 'this.#operations.recv(c)', 'after-request'),
    ],
    'submit timeout': [completing('#sleep', 'this.#operations.timeout(')],
    'submit send': [completing('#send', 'this.#operations.send(')],
    'submit linked send': [
      completing('#send', 'this.#operations.sendThenClose('),
      completing('#send', 'this.#operations.sendThenLook('),
    ],
    'submit siocinq': [operations('sendThenLook', 'this.#ask(SIOCINQ')],
    'submit close': [operations('#close', 'this.#ask(CLOSE')],
    'submit cancel': [operations('#cancel', 'this.#ask(CANCEL')],
  },
};

/** With --detail calls: the calls that a server makes at one place of its own, as the kernel names them. */
const CALLED_AS: Readonly<Record<string, StepCall>> = {
  accept4: 'accept4',
  recvfrom: 'recv',
  sendto: 'send',
  shutdown: 'shutdown',
  close: 'close',
};

/** What a thread calls, or has called, when it reports this; undefined where that has more than one place, or none. */
export function siteNameOf(event: LifecycleEvent): SiteName | undefined {
  switch (event.event) {
    case 'blocked':
      return event.call === 'futex' ? `futex ${event.waitingFor}` : event.call;
    case 'about-to':
      if (event.operation === undefined) return event.call;
      return event.operation === 'send' ? undefined : submission(event.operation, event.connection);
    case 'resumed':
    case 'would-block':
    case 'failed':
      return event.call;
    case 'accepted':
      return 'accept4';
    case 'received':
    case 'peer-closed':
      return 'recv';
    case 'sent':
      return 'send';
    case 'request':
    case 'bad-request':
      return 'answer';
    case 'queued':
      return 'queue';
    case 'watching':
      return event.connection === undefined ? undefined : 'watch';
    case 'ready':
      return 'ready';
    case 'submitted':
      if (event.operation === 'send' && event.linked) return 'submit linked send';
      return submission(event.operation, event.connection);
    case 'completed':
      return 'done';
    case 'closed':
      return event.reason === 'refused' ? undefined : 'closed';
    case 'left-open':
      return 'closed';
    case 'call':
      if (event.name !== 'accept4' && event.connection === undefined) return undefined;
      return event.arguments.some((each) => each.includes('MSG_PEEK')) ? undefined : CALLED_AS[event.name];
    default:
      return undefined;
  }
}

/** Without a connection it is the listener's, whose accept is cancelled elsewhere. */
const submission = (operation: Operation, connection: number | undefined): SiteName | undefined =>
  operation === 'cancel' && connection === undefined ? undefined : `submit ${operation}`;

/** The kind of a thread, as in the table above: `conn` of `conn-3`. */
export const kindOfThread = (name: string): string => name.replace(/-\d+$/, '');

/** Of several places of one call, those at which this connection can be. */
export function possible<S extends Pick<Site, 'only'>>(
  sites: readonly S[],
  connection: ConnectionState | undefined,
): readonly S[] {
  if (connection === undefined) return sites;
  const impossible = connection.requests === 0 ? 'after-request' : 'before-request';
  return sites.filter(({ only }) => only !== impossible);
}
