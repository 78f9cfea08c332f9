// Each event as a line of text, and which events are worth a line.
// Used by every screen that shows events.

import { statusText } from '../http/reasons.js';
import {
  type EventOf,
  type FutexReason,
  type LifecycleEvent,
  type RefuseReason,
  type SleepCall,
  type Timeout,
  type Waker,
  wasKilled,
} from '../lifecycle/events.js';
import type { Activity } from '../lifecycle/state.js';
import { formatFourTuple, formatPorts } from '../net/four-tuple.js';
import { escapeControls } from './escape.js';
import { count, countWaiting, duration, number, PLURALS, type Servant } from './quantities.js';

/** Nobody can see a shorter wait, in microseconds: its two lines are left out. */
const SHORTEST_SLEEP_US = 1000;

/** Leaves out the waits that were too short or no sleep at all, and makes one event of many sends or receives in a row. */
export function worthTelling(events: readonly Folded[]): Folded[] {
  const short = shortSleeps(events);
  return fold(events.filter((event) => !short.has(event)));
}

/** The `blocked` and `resumed` of calls that returned almost at once, or were late only because no CPU was free. */
function shortSleeps(events: readonly LifecycleEvent[]): Set<LifecycleEvent> {
  const short = new Set<LifecycleEvent>();
  const asleep = new Map<string, LifecycleEvent>();
  for (const event of events) {
    if (event.event === 'blocked') asleep.set(event.thread, event);
    if (event.event !== 'resumed') continue;
    if (event.waitedUs >= SHORTEST_SLEEP_US && event.slept !== false) continue;
    const blocked = asleep.get(event.thread);
    if (blocked !== undefined) short.add(blocked).add(event);
  }
  return short;
}

/**
 * An event, or several of one kind in a row with their bytes added up. `processes`: the last of so many ends, before the
 * server listens.
 */
export type Folded = LifecycleEvent & { readonly calls?: number; readonly processes?: number };

/**
 * A long reply takes many calls: what one thread sends or receives in a row becomes one event. So do the reports that a busy loop gets
 * again and again.
 */
function fold(events: readonly Folded[]): Folded[] {
  const folded: Folded[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    const both = last && together(last, event);
    if (both === undefined) folded.push(event);
    else folded[folded.length - 1] = { ...both, calls: (last!.calls ?? 1) + 1 };
  }
  return folded;
}

/** Two events as one; undefined where they are to stay two. */
function together(last: Folded, event: LifecycleEvent): LifecycleEvent | undefined {
  const isSame = 'connection' in event && 'connection' in last && event.connection === last.connection;
  if (!isSame) return undefined;
  if (event.event === 'received' && last.event === 'received')
    return { ...event, bytes: last.bytes + event.bytes };
  if (event.event === 'sent' && last.event === 'sent' && last.status === undefined)
    return { ...event, bytes: last.bytes + event.bytes };
  const isTold = event.event === 'ready' && last.event === 'ready' && event.fd === last.fd;
  return isTold && event.readiness === last.readiness ? event : undefined;
}

const inCalls = ({ calls }: Folded): string => (calls === undefined ? '' : ` in ${calls} calls`);

/** The thread's own work, which no client notices. */
export const isQuiet = ({ event }: LifecycleEvent): boolean =>
  event === 'blocked' ||
  event === 'resumed' ||
  event === 'would-block' ||
  event === 'watching' ||
  event === 'submitted' ||
  event === 'about-to' ||
  event === 'signal' ||
  event === 'descriptors' ||
  event === 'call';

export const isTrouble = (event: LifecycleEvent): boolean =>
  event.event === 'reset' ||
  event.event === 'timed-out' ||
  event.event === 'refused' ||
  event.event === 'failed' ||
  event.event === 'crashed' ||
  event.event === 'close-wait' ||
  event.event === 'threads-busy' ||
  event.event === 'queue-full' ||
  wasKilled(event);

const UNTIL: Record<Exclude<SleepCall, 'futex'>, string> = {
  accept4: 'until a client connects',
  recv: 'until the client sends',
  send: 'until the client reads more',
  epoll_wait: 'until an fd is ready',
  poll: 'until an fd is ready',
  select: 'until an fd is ready',
  io_uring_enter: 'until something is done',
  wait4: 'until a child process ends',
  rt_sigsuspend: 'until a signal comes',
  read: 'until there is something to read',
  clock_nanosleep: 'for as long as the request asked',
};

const FUTEX_UNTIL: Record<FutexReason, (many: number, one: Servant) => string> = {
  work: () => 'until it is given work',
  'thread-start': (many, one) =>
    many === 1 ? `until the new ${one} has started` : `until one of ${many} new ${PLURALS[one]} has started`,
  'free-thread': (many, one) =>
    many === 1
      ? `until the one busy ${one} is free`
      : `until one of ${number(many)} busy ${PLURALS[one]} is free`,
  'queue-place': () => 'until there is a place in the queue',
  stop: () => 'until the server stops; its processes accept',
};

/** The same for a narrow column: only what the call does not already say. */
const FUTEX_BRIEF: Record<FutexReason, (one: Servant) => string> = {
  work: () => '',
  'thread-start': (one) => `: a ${one} starts`,
  'free-thread': (one) => `: all ${PLURALS[one]} busy`,
  'queue-place': () => ': the queue is full',
  stop: () => '',
};

const WOKEN: Record<Waker, string> = {
  timer: ': a timer was due',
  signal: ': a signal came',
  stop: ': the server stops',
};

const WOULD_BLOCK: Record<string, string> = {
  accept4: 'queue empty',
  recv: 'no more data yet',
  send: 'buffer full',
};

const REFUSED: Record<RefuseReason, string> = {
  'out-of-descriptors': 'cannot accept: out of file descriptors',
  'out-of-memory': 'the kernel has no memory for another connection',
  'out-of-watches': 'refused: this user may watch no more sockets with epoll (ENOSPC)',
  'no-thread': 'the system refuses to start another thread',
  'too-many-connections': 'refused: the limit of --max-connections is reached',
  'no-process': 'the system refuses to start another process',
  'queue-full': 'refused: all threads are busy, and the queue is full',
  'beyond-fd-setsize': 'refused: select(2) takes descriptors below 1,024 only (FD_SETSIZE)',
  'compute-queue-full': 'refused: too many computations wait for a worker (503)',
};

const WHAT_TO_DO: Partial<Record<RefuseReason, string>> = {
  'out-of-descriptors': '; raise `ulimit -n`',
  'out-of-memory': '; close other programs',
  'out-of-watches': '; raise fs.epoll.max_user_watches with `sysctl`',
};

const TIMED_OUT: Record<Timeout, string> = {
  head: 'no complete request after',
  idle: 'no next request for',
  send: 'the client read nothing for',
};

/** `brief`: for a narrow column, without explanations. Whatever the network or a file brought is made safe to print. */
export const whatHappened = (event: Folded, brief = false): string => escapeControls(sentence(event, brief));

function sentence(event: Folded, brief: boolean): string {
  switch (event.event) {
    case 'listening':
      return `listening on port ${event.port}:${event.fd === undefined ? '' : ` fd ${event.fd},`} backlog ${event.backlog < 0 ? 'unknown' : event.backlog}`;
    case 'also-listening':
      return `listening on port ${event.port} too: fd ${event.fd}`;
    case 'accepted':
      return `accepted ${(brief ? formatPorts : formatFourTuple)(event.fourTuple)} fd ${event.fd}`;
    case 'thread-started':
      return `${threadOrProcess(event)} started in ${duration(event.tookUs)}, tid ${event.tid}`;
    case 'thread-reused':
      return `an idle thread takes the connection, tid ${event.tid}`;
    case 'thread-ended':
      if (event.processes !== undefined)
        return `${count(event.processes, 'process', 'processes')} started and ended before the server listened`;
      return `${threadOrProcess(event)} ended`;
    case 'threads-busy':
      return `${allBusy(event)}: the next clients wait`;
    case 'process-ended':
      return `process ${event.child} ${endOf(event)}`;
    case 'queued':
      return event.place === 0
        ? `enters the queue${brief ? '' : ': a thread is idle'}`
        : `waits in the queue: place ${number(event.place)}`;
    case 'dequeued':
      return dequeued(event, brief);
    case 'queue-full':
      return `the queue is full${brief ? '' : `: ${count(event.limit, 'connection')}, and every thread is busy`}`;
    case 'blocked':
      return asleep(event, brief);
    case 'resumed':
      if (event.slept === false)
        return `back from ${event.call} after ${duration(event.waitedUs)}: no CPU was free`;
      return `awake${brief ? '' : ` from ${event.call}`} after ${duration(event.waitedUs)}${event.wokenBy === undefined ? '' : WOKEN[event.wokenBy]}`;
    case 'about-to':
      return `stops before ${stepOf(event, event.fd)}`;
    case 'watching':
      return isNothing(event.interest)
        ? `stops watching fd ${event.fd} for now`
        : `watches fd ${event.fd} for ${event.interest}`;
    case 'unwatched':
      return `stops watching fd ${event.fd}`;
    case 'ready':
      return `ready: fd ${event.fd} ${event.readiness}${event.calls === undefined ? '' : `, ${number(event.calls)} times in a row`}`;
    case 'submitted':
      return `asks for ${onFd(event.operation, event.fd)}${event.goesOn ? ', again and again' : ''}${event.linked ? ', and then:' : ''}`;
    case 'completed':
      return `done: ${onFd(event.operation, event.fd)} gave ${event.errno ?? event.result}${event.buffer === undefined ? '' : `, in buffer ${event.buffer}`}${event.goesOn ? '; it goes on' : ''}`;
    case 'would-block':
      return `${onFd(event.call, event.fd)} would block: ${WOULD_BLOCK[event.call] ?? ''}`;
    case 'received':
      return `received ${count(event.bytes, 'byte')}${inCalls(event)}`;
    case 'request':
      return `request ${escapeControls(event.method)} ${escapeControls(event.target)}`;
    case 'bad-request':
      return `bad request: ${escapeControls(event.problem)}`;
    case 'compute-queued':
      return `no worker is free: ${countWaiting(event.waiting, 'computation')}`;
    case 'handed-over':
      return `handed over to compute-${event.worker}`;
    case 'computed':
      return `computed for ${duration(event.tookUs)}${brief ? '' : `; wakes the loop by eventfd ${event.eventfd}`}`;
    case 'handed-back':
      return `handed back by compute-${event.worker}`;
    case 'sent':
      return `sent ${taken(event)}${inCalls(event)}${replied(event, brief)}`;
    case 'peer-closed':
      return 'the client has closed its side';
    case 'reset':
      return 'the client has reset the connection';
    case 'timed-out':
      return `timed out: ${TIMED_OUT[event.waitingFor]} ${event.seconds} s`;
    case 'refused':
      return `${REFUSED[event.reason]}${brief ? '' : (WHAT_TO_DO[event.reason] ?? '')}`;
    case 'failed':
      return `${event.call} failed: ${event.errno}`;
    case 'crashed':
      return `internal error: ${escapeControls(event.problem)}`;
    case 'left-open':
      return `fd ${event.fd} is left open: no close`;
    case 'closed':
      return closed(event, brief);
    case 'call':
      return strace(event);
    case 'signal':
      return `${event.signal} came`;
    case 'accept-queue':
      return acceptQueue(event);
    case 'unread':
      return `${count(event.bytes, 'byte')} ${event.bytes === 1 ? 'waits in the kernel; nobody has received it' : 'wait in the kernel; nobody has received them'}`;
    case 'close-wait':
      return `the client has closed, the server has not${brief ? '' : ' (CLOSE-WAIT)'}`;
    case 'descriptors':
      return `process ${event.process} has ${count(event.others, 'descriptor')} beside its connections; ${number(event.times)} of them: ${event.most}`;
    case 'advice':
      return `advice: ${event.happened}. ${event.matters} ${event.instead} See ${event.page}.`;
    case 'model-seen':
      return `model: ${event.model} (${event.because})`;
    case 'pace-changed':
      return paceChanged(event.pace);
    case 'events-dropped':
      return `${count(event.count, 'event')} not shown: they came too fast`;
    default:
      return event.event;
  }
}

/** `recv on fd 7`; of io_uring the operation is named as the call that would do the same. */
const onFd = (call: string, fd?: number): string => (fd === undefined ? call : `${call} on fd ${fd}`);

/** A process is reported by its first thread; in one that is not ours a further thread has a name of its own. */
export const threadOrProcess = ({ pid, thread }: LifecycleEvent): Servant =>
  pid === undefined || thread.startsWith('thread-') ? 'thread' : 'process';

/** What this thread, which accepts, hands connections to: only that of `processes` is called so. */
const servantOf = ({ thread }: LifecycleEvent): Servant => (thread === 'parent' ? 'process' : 'thread');

/** `all 5 threads are busy` */
export function allBusy(event: EventOf<'threads-busy'>): string {
  const one = servantOf(event);
  return event.threads === 1 ? `the one ${one} is busy` : `all ${event.threads} ${PLURALS[one]} are busy`;
}

/** Whether the loop watches a descriptor for nothing, for now. */
export const isNothing = (interest: string): boolean => /^(0|EPOLLET|EPOLLEXCLUSIVE)$/.test(interest);

/** The step before which a thread stops: `recv on fd 7`. */
export function stepOf({ call, operation }: NonNullable<Activity['next']>, fd?: number): string {
  return onFd(operation === undefined ? `${call}` : `asking for ${operation}`, fd);
}

function paceChanged(pace: string): string {
  if (pace === 'step') return 'from now on each thread stops before each step';
  if (pace === '0ms') return 'from now on there are no pauses';
  return pace.endsWith('ms')
    ? `from now on each thread pauses ${pace.slice(0, -2)} ms before each step`
    : `from now on each step takes ${pace.slice(0, -1)} times as long`;
}

function acceptQueue({ fd, length, limit, overflows }: EventOf<'accept-queue'>): string {
  const waiting = length === 0 ? 'no client waits' : countWaiting(length, 'client');
  const full = limit !== undefined && length > limit ? ', which is full' : '';
  const dropped = overflows === 0 ? '' : `; the kernel has dropped ${count(overflows, 'attempt')} to connect`;
  return `${waiting} in the accept queue of fd ${fd}${full}${dropped}`;
}

function asleep(event: EventOf<'blocked'>, brief: boolean): string {
  const { call, waitingFor, threads = 0 } = event;
  const where = `asleep in ${onFd(call, event.fd)}`;
  if (call === 'clock_nanosleep' && event.connection === undefined) return where;
  if (call !== 'futex') return brief ? where : `${where} ${UNTIL[call]}`;
  if (waitingFor === undefined) return brief ? where : `${where} until another thread wakes it`;
  const one = servantOf(event);
  return brief ? where + FUTEX_BRIEF[waitingFor](one) : `${where} ${FUTEX_UNTIL[waitingFor](threads, one)}`;
}

function endOf({ status, signal }: EventOf<'process-ended'>): string {
  if (signal !== undefined) return `was ended by ${signal}`;
  return status === undefined ? 'has ended' : `has ended with status ${status}`;
}

function dequeued({ waitedUs, length, overtook }: EventOf<'dequeued'>, brief: boolean): string {
  const taken = `leaves the queue after ${duration(waitedUs)}`;
  if (brief) return taken;
  const before = overtook === undefined ? '' : `, before ${number(overtook)} that came earlier`;
  return `${taken}${before}${length === 0 ? '' : `; ${length} still ${length === 1 ? 'waits' : 'wait'}`}`;
}

function taken({ bytes, asked, calls }: EventOf<'sent'> & Folded): string {
  return asked === undefined || calls !== undefined
    ? count(bytes, 'byte')
    : `${number(bytes)} of ${count(asked, 'byte')}`;
}

/** The status, once the reply is complete. */
function replied({ status }: EventOf<'sent'>, brief: boolean): string {
  return status === undefined ? '' : `: ${statusText(status)}${brief ? '' : ', the reply is complete'}`;
}

function closed(event: EventOf<'closed'>, brief: boolean): string {
  const after = `closed fd ${event.fd} after ${duration(event.durationUs)}`;
  if (event.reason === 'peer-closed' && event.bytesIn === 0) return `${after}: the client sent nothing`;
  const why = event.reason === 'replied' ? '' : ` (${event.reason})`;
  const unit = brief ? '' : event.bytesIn === 1 ? ' byte' : ' bytes';
  return `${after}: ${event.bytesIn}${unit} in, ${event.bytesOut} out${why}`;
}

/** As strace prints it: `recvfrom(7, "GET / HTTP/1.1\r\n"..., 65536, 0, NULL, NULL) = 78`. */
function strace(event: EventOf<'call'>): string {
  const { name, arguments: args, result, errno } = event;
  return `${name}(${args.join(', ')}) = ${result}${errno === null ? '' : ` ${errno}`}`;
}
