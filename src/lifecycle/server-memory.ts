// The memory that a server's threads and the main thread share: a few control words, and a part for each thread.
// That part holds what its thread is doing, its totals and its ring of events.

import { HandedConnection } from './handed-connection.js';
import { Ring } from './ring.js';

/**
 * How the acceptor and a connection thread signal to each other (models/blocking), the loop and a worker (models/evented). A
 * worker that is done has a result that the loop has not seen yet.
 */
export const THREAD = { none: 0, busy: 1, idle: 2, dismissed: 3, done: 4 } as const;

const CONTROL_BYTES = 128;
const STOPPING = 0;
const LISTENER = 1;
const OPEN = 2;
const PEAK_OPEN = 3;
const THREADS = 4;
const PEAK_THREADS = 5;
const IDLE = 6;
const THREADS_USED = 7;
const FREED = 8;
const ENDED = 9;
const STARTING = 10;
const PEAK_QUEUE = 11;
const LISTENING_AT = 6; // a 64-bit word
const LAST_CONNECTION = 16;
const LOOPS_LISTENING = 17;
const WAKER = 18;
const PAUSE_MS = 19;
const STEPPING = 20;

/** Of a thread's part: words behind the connection that is handed to it, then totals, of 64 bits each, then its ring. */
const STATE = 0;
const SERIAL = 1;
const TID = 2;
const COMPUTATION_FD = 3;
const COMPUTE_MS = 4;
const STEPS_ALLOWED = 5;
const WORDS = 6;
const WORDS_BYTE = HandedConnection.BYTES;
const TOTALS_BYTE = WORDS_BYTE + WORDS * 4;
const TOTALS = 4;
const AT_ACCEPT_BYTE = TOTALS_BYTE + TOTALS * 8;
const RING_BYTE = AT_ACCEPT_BYTE + (TOTALS - 1) * 8;
/** A thread that serves many connections reports more, and so has a larger ring. */
const LARGE_RING_BYTES = 4 * 1024 * 1024;
const RING_BYTES = 256 * 1024;

/** How often a thread that waits for others looks whether the server stops, in milliseconds. */
const LOOK_EVERY_MS = 50;

/** What another thread, or another process, needs to open the same memory. */
export interface ServerMemorySize {
  /** Threads of one process share this; processes map the same descriptor (mapped-memory.ts). */
  readonly memory: SharedArrayBuffer | { readonly fd: number };
  readonly threads: number;
  /** Of them, the first ones, which accept. */
  readonly accepting: number;
}

/** A sleep on a word of the memory while it has a value, and the end of all such sleeps. */
export interface Futex {
  wait(words: Int32Array, index: number, value: number, milliseconds?: number): void;
  notify(words: Int32Array, index: number): void;
}

const WITHIN_PROCESS: Futex = {
  wait: (words, index, value, milliseconds) => {
    Atomics.wait(words as Int32Array<SharedArrayBuffer>, index, value, milliseconds);
  },
  notify: (words, index) => {
    Atomics.notify(words, index);
  },
};

export class ServerMemory {
  readonly size: ServerMemorySize;
  readonly #memory: ArrayBufferLike;
  readonly #futex: Futex;
  readonly #control: Int32Array;
  readonly #floats: Float64Array;
  /** Made when first asked for. */
  readonly #threads: ThreadMemory[] = [];

  /** A part that no thread uses takes no memory: its pages are never touched. */
  static allocate(threads: number, accepting = 1): ServerMemory {
    const memory = new SharedArrayBuffer(ServerMemory.bytesFor(threads, accepting));
    return new ServerMemory({ memory, threads, accepting });
  }

  static bytesFor(threads: number, accepting: number): number {
    return threadOffset(threads, accepting);
  }

  /** `mapped`: the memory of a descriptor, in this process. */
  constructor(size: ServerMemorySize, mapped?: { readonly buffer: ArrayBuffer; readonly futex: Futex }) {
    this.size = size;
    this.#memory = mapped?.buffer ?? (size.memory as SharedArrayBuffer);
    this.#futex = mapped?.futex ?? WITHIN_PROCESS;
    this.#control = new Int32Array(this.#memory, 0, CONTROL_BYTES / 4);
    this.#floats = new Float64Array(this.#memory, 0, CONTROL_BYTES / 8);
  }

  ofThread(index: number): ThreadMemory {
    const { accepting } = this.size;
    const used = Atomics.load(this.#control, THREADS_USED);
    if (index >= used) Atomics.store(this.#control, THREADS_USED, index + 1);
    this.#threads[index] ??= new ThreadMemory(
      index,
      this.#memory,
      this.#futex,
      threadOffset(index, accepting),
      index < accepting ? LARGE_RING_BYTES : RING_BYTES,
    );
    return this.#threads[index];
  }

  get threadsUsed(): number {
    return Atomics.load(this.#control, THREADS_USED);
  }

  get stopping(): boolean {
    return Atomics.load(this.#control, STOPPING) === 1;
  }

  /** Tells every thread to stop. Wakes threads that pause, and an acceptor that waits for a free thread. */
  stop(): void {
    Atomics.store(this.#control, STOPPING, 1);
    this.#futex.notify(this.#control, STOPPING);
    this.#allowEveryStep();
    this.threadFreed();
  }

  /** How long each thread pauses before each step, in milliseconds; -1 where a factor says how long (pace.ts). */
  get pauseMs(): number {
    return Atomics.load(this.#control, PAUSE_MS);
  }

  set pauseMs(milliseconds: number) {
    Atomics.store(this.#control, PAUSE_MS, milliseconds);
  }

  /** Whether each thread stops before each step, until it is allowed to make it: {@link ThreadMemory.allowStep}. */
  get stepping(): boolean {
    return Atomics.load(this.#control, STEPPING) === 1;
  }

  /** When it ends, the threads that have stopped go on. */
  set stepping(stepping: boolean) {
    Atomics.store(this.#control, STEPPING, Number(stepping));
    if (!stepping) this.#allowEveryStep();
  }

  /** The part of the thread with this id in the kernel. */
  withTid(tid: number): ThreadMemory | undefined {
    for (let i = 0; i < this.threadsUsed; i++) if (this.ofThread(i).tid === tid) return this.ofThread(i);
    return undefined;
  }

  #allowEveryStep(): void {
    for (let i = 0; i < this.threadsUsed; i++) this.ofThread(i).allowStep();
  }

  /** Sleeps this many milliseconds, or without limit, or until the server stops (futex(2)). */
  sleepUntilStop(milliseconds?: number): void {
    this.#futex.wait(this.#control, STOPPING, 0, milliseconds);
  }

  /** The listener's descriptor, or -1. */
  get listener(): number {
    return Atomics.load(this.#control, LISTENER) - 1;
  }

  set listener(fd: number) {
    Atomics.store(this.#control, LISTENER, fd + 1);
  }

  /** The eventfd by which workers wake the loop, or -1. */
  get waker(): number {
    return Atomics.load(this.#control, WAKER) - 1;
  }

  set waker(fd: number) {
    Atomics.store(this.#control, WAKER, fd + 1);
  }

  /** When listen(2) returned, on the common clock. */
  get listeningAt(): number {
    return this.#floats[LISTENING_AT]!;
  }

  set listeningAt(at: number) {
    this.#floats[LISTENING_AT] = at;
  }

  /** A loop has its listener. */
  loopListens(): void {
    Atomics.add(this.#control, LOOPS_LISTENING, 1);
    this.#futex.notify(this.#control, LOOPS_LISTENING);
  }

  /** Gives how many still listen. */
  loopStopsListening(): number {
    return Atomics.sub(this.#control, LOOPS_LISTENING, 1) - 1;
  }

  /** Sleeps until so many loops listen; false if the server stops before. */
  waitForListening(loops: number): boolean {
    while (!this.stopping) {
      const listening = Atomics.load(this.#control, LOOPS_LISTENING);
      if (listening >= loops) return true;
      this.#futex.wait(this.#control, LOOPS_LISTENING, listening, LOOK_EVERY_MS);
    }
    return false;
  }

  /** The id of the next connection: several threads may accept. */
  nextConnection(): number {
    return Atomics.add(this.#control, LAST_CONNECTION, 1) + 1;
  }

  /** Gives how many are open now. */
  connectionOpened(): number {
    const open = Atomics.add(this.#control, OPEN, 1) + 1;
    raise(this.#control, PEAK_OPEN, open);
    return open;
  }

  connectionClosed(): void {
    Atomics.sub(this.#control, OPEN, 1);
  }

  get openConnections(): number {
    return Atomics.load(this.#control, OPEN);
  }

  get peakConnections(): number {
    return Atomics.load(this.#control, PEAK_OPEN);
  }

  /** A thread was asked for; it is starting until it calls {@link threadStarted}. */
  threadStarting(): void {
    Atomics.add(this.#control, STARTING, 1);
  }

  threadNotStarted(): void {
    Atomics.sub(this.#control, STARTING, 1);
  }

  get threadsStarting(): number {
    return Atomics.load(this.#control, STARTING);
  }

  threadStarted(): void {
    Atomics.sub(this.#control, STARTING, 1);
    this.threadFreed();
    raise(this.#control, PEAK_THREADS, Atomics.add(this.#control, THREADS, 1) + 1);
  }

  threadEnded(): void {
    Atomics.sub(this.#control, THREADS, 1);
    Atomics.add(this.#control, ENDED, 1);
  }

  /** Whether every thread that was asked for has reported its last event. */
  get allThreadsEnded(): boolean {
    return Atomics.load(this.#control, THREADS) === 0 && this.threadsStarting === 0;
  }

  /** How many threads have ended so far. */
  get threadsEnded(): number {
    return Atomics.load(this.#control, ENDED);
  }

  get peakThreads(): number {
    return Atomics.load(this.#control, PEAK_THREADS);
  }

  /** So many connections wait in the queue of a pool. */
  queued(length: number): void {
    raise(this.#control, PEAK_QUEUE, length);
  }

  get peakQueue(): number {
    return Atomics.load(this.#control, PEAK_QUEUE);
  }

  /** A thread asks to stay idle. False: `most` threads are idle already, and this one has to end. */
  becomeIdle(most: number): boolean {
    if (Atomics.add(this.#control, IDLE, 1) < most) return true;
    Atomics.sub(this.#control, IDLE, 1);
    return false;
  }

  leaveIdle(): void {
    Atomics.sub(this.#control, IDLE, 1);
  }

  /** Wakes an acceptor that sleeps in {@link sleepUntilFreed}, to look again. */
  threadFreed(): void {
    Atomics.add(this.#control, FREED, 1);
    this.#futex.notify(this.#control, FREED);
  }

  /**
   * Sleeps until `look` finds something: it looks at once, and again each time a thread comes free, for so many milliseconds
   * and until the server stops (futex(2)). Gives what the last look found.
   */
  sleepUntilFreed<T>(look: () => T, milliseconds = Number.POSITIVE_INFINITY): T {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.stopping; left = end - performance.now()) {
      const freed = Atomics.load(this.#control, FREED); // before the look, so that no thread is missed
      const found = look();
      if (found) return found;
      this.#futex.wait(this.#control, FREED, freed, left);
    }
    return look();
  }
}

/** Where the part of thread `index` begins. */
function threadOffset(index: number, accepting: number): number {
  const large = Math.min(index, accepting);
  return CONTROL_BYTES + large * partBytes(LARGE_RING_BYTES) + (index - large) * partBytes(RING_BYTES);
}

const partBytes = (ring: number): number => RING_BYTE + Ring.bytesFor(ring);

function raise(words: Int32Array, index: number, value: number): void {
  let seen = Atomics.load(words, index);
  while (value > seen) {
    const before = Atomics.compareExchange(words, index, seen, value);
    if (before === seen) return;
    seen = before;
  }
}

/**
 * One thread's part of the memory. Only that thread writes its totals and its ring. As a HandedConnection it is the connection
 * that the thread serves.
 */
export class ThreadMemory extends HandedConnection {
  /** Its place among the parts, from 0. The first ones are those of the threads that accept. */
  readonly index: number;
  readonly ring: Ring;
  readonly #futex: Futex;
  readonly #words: Int32Array;
  readonly #totals: Float64Array;
  readonly #atAccept: Float64Array;

  constructor(index: number, memory: ArrayBufferLike, futex: Futex, offset: number, ringBytes: number) {
    super(memory, offset);
    this.index = index;
    this.#futex = futex;
    this.#words = new Int32Array(memory, offset + WORDS_BYTE, WORDS);
    this.#totals = new Float64Array(memory, offset + TOTALS_BYTE, TOTALS);
    this.#atAccept = new Float64Array(memory, offset + AT_ACCEPT_BYTE, TOTALS - 1);
    this.ring = new Ring(memory, offset + RING_BYTE, ringBytes);
  }

  get state(): number {
    return Atomics.load(this.#words, STATE);
  }

  /** Moves from one state to another and wakes the thread that sleeps on it; false if another thread was faster. */
  changeState(from: number, to: number): boolean {
    if (Atomics.compareExchange(this.#words, STATE, from, to) !== from) return false;
    this.#futex.notify(this.#words, STATE);
    return true;
  }

  /** The thread has ended: its part may be given to another. */
  leave(): void {
    Atomics.store(this.#words, STATE, THREAD.none);
  }

  /** The server stops, and a thread that waits for work gets none. */
  dismiss(): void {
    this.changeState(THREAD.idle, THREAD.dismissed);
    this.changeState(THREAD.done, THREAD.dismissed);
  }

  /** Sleeps while the state is `state` (futex(2)). */
  sleepWhile(state: number): void {
    this.#futex.wait(this.#words, STATE, state);
  }

  /** How many steps the thread was allowed so far. */
  get stepsAllowed(): number {
    return Atomics.load(this.#words, STEPS_ALLOWED);
  }

  /** A thread that has stopped makes its step; one that has not will not notice. */
  allowStep(): void {
    Atomics.add(this.#words, STEPS_ALLOWED, 1);
    this.#futex.notify(this.#words, STEPS_ALLOWED);
  }

  /** Sleeps until the thread is allowed more than these steps (futex(2)). It may wake up before. */
  sleepUntilAllowed(before: number): void {
    this.#futex.wait(this.#words, STEPS_ALLOWED, before);
  }

  /** What the loop hands over to a worker beside the connection's id: its descriptor, and for how long to compute. */
  get computationFd(): number {
    return this.#words[COMPUTATION_FD]!;
  }

  set computationFd(fd: number) {
    this.#words[COMPUTATION_FD] = fd;
  }

  get computeMs(): number {
    return this.#words[COMPUTE_MS]!;
  }

  set computeMs(milliseconds: number) {
    this.#words[COMPUTE_MS] = milliseconds;
  }

  /** Which thread of this server it is, counted from 1 as they were started. */
  get serial(): number {
    return Atomics.load(this.#words, SERIAL);
  }

  set serial(serial: number) {
    Atomics.store(this.#words, SERIAL, serial);
  }

  /** The thread's id in the kernel. */
  get tid(): number {
    return Atomics.load(this.#words, TID);
  }

  set tid(tid: number) {
    Atomics.store(this.#words, TID, tid);
  }

  /** From here on its bytes and requests are those of the next connection. */
  connectionBegins(): void {
    this.#atAccept.set(this.#totals.subarray(1));
  }

  /** What the last connection had so far: if its process was killed, another one reports it. */
  get ofConnection(): { requests: number; bytesIn: number; bytesOut: number } {
    const [requests, bytesIn, bytesOut] = this.#totals
      .subarray(1)
      .map((total, i) => total - this.#atAccept[i]!);
    return { requests: requests!, bytesIn: bytesIn!, bytesOut: bytesOut! };
  }

  addConnection(): void {
    this.#totals[0]! += 1;
  }

  addRequest(): void {
    this.#totals[1]! += 1;
  }

  addBytesIn(bytes: number): void {
    this.#totals[2]! += bytes;
  }

  addBytesOut(bytes: number): void {
    this.#totals[3]! += bytes;
  }

  get totals(): { connections: number; requests: number; bytesIn: number; bytesOut: number } {
    const [connections, requests, bytesIn, bytesOut] = this.#totals as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { connections, requests, bytesIn, bytesOut };
  }
}
