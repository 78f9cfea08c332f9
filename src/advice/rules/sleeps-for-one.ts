// A thread that sleeps for one connection while others need that same thread.
// That they wait is seen in two ways: in the kernel, while the thread sleeps; or because the thread, once it is awake, finds them
// ready without sleeping again.

import type { EventOf, LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { count, duration } from '../../terminal/quantities.js';
import { type Advice, actsOn, type Rule } from '../rule.js';

/** A sleep that clients notice, in microseconds; and one that lasts and about which there is something to say at once. */
const LONG_US = 1e6;
const LASTING_US = 2e6;
/** Nobody can see a shorter sleep, and strace does not show it. */
const NO_SLEEP_US = 1000;

/** A sleep for one connection. */
type ForOne = EventOf<'blocked'> & { readonly connection: number; readonly fd: number };

interface Sleep {
  readonly began: ForOne;
  /** When it ended; undefined as long as it lasts. */
  until?: number;
  /** Another thread has accepted a client meanwhile: nobody waits for this one to do it. */
  othersAccept: boolean;
  /** The connections that the thread has turned to since, without sleeping again. */
  readonly waited: Set<number>;
}

export class SleepsForOne implements Rule {
  /** Of each thread the last one that was for one connection. */
  readonly #sleeps = new Map<number, Sleep>();
  readonly #accepts = new Set<number>();
  /** The thread that has last done something for a connection, and since when it is this one. */
  readonly #servedBy = new Map<number, { readonly tid: number; readonly since: number }>();
  /** Clients in the accept queue, by listener; and connections with bytes that nobody has received. */
  readonly #queued = new Map<number, number>();
  readonly #unread = new Set<number>();

  take(event: LifecycleEvent): Advice | undefined {
    const finding = this.#takeOf(event);
    const id = actsOn(event);
    if (id !== undefined && this.#servedBy.get(id)?.tid !== event.tid)
      this.#servedBy.set(id, { tid: event.tid, since: event.at });
    if (id !== undefined && (event.event === 'closed' || event.event === 'received')) this.#unread.delete(id);
    if (event.event === 'closed') this.#servedBy.delete(event.connection);
    return finding;
  }

  #takeOf(event: LifecycleEvent): Advice | undefined {
    switch (event.event) {
      case 'accept-queue':
        this.#queued.set(event.fd, event.length);
        break;
      case 'unread':
        this.#unread.add(event.connection);
        break;
      case 'blocked':
        if (isForOne(event)) this.#fallAsleep(event);
        break;
      case 'resumed':
        return this.#wake(event);
      case 'accepted':
        this.#accepts.add(event.tid);
        for (const [tid, each] of this.#sleeps) if (tid !== event.tid) each.othersAccept = true;
        this.#sleeps.get(event.tid)?.waited.add(event.connection);
        break;
      case 'ready':
      case 'received':
        if (event.connection !== undefined) this.#turnsTo(event.tid, event.connection);
    }
    return undefined;
  }

  /** A thread may fall asleep for the next client in the same queue: that is judged with the first. */
  #fallAsleep(began: ForOne): void {
    const before = this.#sleeps.get(began.tid);
    if (before?.until !== undefined && isLong(before)) return;
    this.#sleeps.set(began.tid, { began, othersAccept: false, waited: new Set() });
  }

  #turnsTo(tid: number, connection: number): void {
    const sleep = this.#sleeps.get(tid);
    if (sleep?.until !== undefined && this.#isOwn(connection, sleep)) sleep.waited.add(connection);
  }

  /** Another connection that the thread served before it fell asleep, and that no other can serve. */
  #isOwn(connection: number, { began }: Sleep): boolean {
    const served = this.#servedBy.get(connection);
    return connection !== began.connection && served?.tid === began.tid && served.since < began.at;
  }

  #wake(event: EventOf<'resumed'>): Advice | undefined {
    const { tid, at, waitedUs, slept, connection } = event;
    const sleep = this.#sleeps.get(tid);
    if (sleep === undefined) return undefined;
    if (sleep.until === undefined && sleep.began.connection === connection) {
      sleep.until = at;
      if (!isLong(sleep)) this.#sleeps.delete(tid);
      return undefined;
    }
    return waitedUs < NO_SLEEP_US || slept === false ? undefined : this.#judge(sleep);
  }

  /** It has slept again, or stopped for long, so those whom it found before had been waiting. */
  #judge(sleep: Sleep): Advice | undefined {
    const { began, until, othersAccept, waited } = sleep;
    this.#sleeps.delete(began.tid);
    return othersAccept || waited.size === 0
      ? undefined
      : advice(began, until! - began.at, waited.size, false);
  }

  timePassed(at: number, state: ServerState): Advice | undefined {
    for (const [tid, sleep] of this.#sleeps) {
      const { activity } = state.threads.get(tid) ?? {};
      const { began } = sleep;
      if (sleep.until === undefined) {
        const waiting = at - began.at < LASTING_US ? 0 : this.#waitingFor(sleep);
        if (waiting > 0) return advice(began, at - began.at, waiting, true);
      } else if (
        activity === undefined ||
        (activity.doing === 'asleep' && at - activity.since >= LONG_US / 10)
      ) {
        const finding = this.#judge(sleep);
        if (finding !== undefined) return finding;
      }
    }
    return undefined;
  }

  /** By what the kernel says: clients in the queue that this thread accepts from, and its own connections with unread bytes. */
  #waitingFor(sleep: Sleep): number {
    const queued = [...this.#queued.values()].reduce((sum, length) => sum + length, 0);
    const own = [...this.#unread].filter((id) => this.#isOwn(id, sleep));
    return own.length + (this.#accepts.has(sleep.began.tid) && !sleep.othersAccept ? queued : 0);
  }
}

const isForOne = (event: EventOf<'blocked'>): event is ForOne =>
  event.connection !== undefined &&
  event.fd !== undefined &&
  ['recv', 'send', 'poll', 'select'].includes(event.call);

const isLong = ({ began, until }: Sleep): boolean => until !== undefined && until - began.at >= LONG_US;

function advice(
  { connection, fd, thread, call }: ForOne,
  forUs: number,
  waiting: number,
  lasts: boolean,
): Advice {
  const clients = `${count(waiting, 'client')} ${lasts ? (waiting === 1 ? 'waits' : 'wait') : 'waited'}`;
  return {
    connection,
    fd,
    happened: `thread ${thread} ${lasts ? 'has slept' : 'slept'} in ${call} on fd ${fd} for ${duration(forUs, 2)}, for #${connection} alone, while ${clients}`,
    matters:
      'A thread that sleeps for one client serves no other: one silent client can stop the whole server.',
    instead:
      'Give each connection a thread, or make the sockets non-blocking and wait for all of them at once.',
    page: 'epoll(7)',
  };
}
