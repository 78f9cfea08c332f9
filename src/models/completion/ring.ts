// The two queues that this process and the kernel share (io_uring(7)): in one we write what is to be done, in the other the
// kernel writes what is done. It knows nothing of what a connection is.

import { completionsFirst, interrupted, SystemCallError, timeIsOver } from '../../posix/errors.js';
import * as io from '../../posix/io-uring.js';
import { mapMemory } from '../../posix/system-calls.js';
import { Timespec, waitLimit } from '../../posix/timespec.js';
import type { Calls } from '../calls.js';

export interface RingSize {
  /** How much can be asked for in one call; a power of two. */
  readonly submissions: number;
  /** How much can be done before anyone looks; a power of two. What is more waits in the kernel. */
  readonly completions: number;
}

/**
 * `IORING_SETUP_` flags: one thread uses the ring, and the kernel does nothing for it but in that thread's own calls. So it
 * never reads or writes the two queues while we do, and no barrier is needed between us (io_uring(7)).
 */
const SETUP =
  io.IORING_SETUP_CQSIZE |
  io.IORING_SETUP_SUBMIT_ALL |
  io.IORING_SETUP_SINGLE_ISSUER |
  io.IORING_SETUP_DEFER_TASKRUN;

export class IoUring {
  readonly fd: number;
  /** The completion that {@link next} has taken: whose, of what, its result or -errno, its flags (IORING_CQE_F_). */
  who = 0;
  what = 0;
  result = 0;
  flags = 0;
  readonly #calls: Calls;
  readonly #timespec = new Timespec();
  readonly #limit = waitLimit(this.#timespec);
  /** The memory of both queues, as words; the rest say where in it each thing lies. */
  readonly #words: Int32Array;
  readonly #submissions: Int32Array;
  readonly #entries: number;
  readonly #sqHead: number;
  readonly #sqTail: number;
  readonly #cqHead: number;
  readonly #cqTail: number;
  readonly #cqMask: number;
  readonly #cqes: number;
  /** Of the submission queue: its end, and its beginning when the kernel last took something. */
  #submitted = 0;
  #handedIn = 0;
  /** Of the completion queue: how far it was read, and its end when it was last looked at. */
  #taken = 0;
  #done = 0;

  /** Throws a SystemCallError: ENOSYS, EPERM, EINVAL and others, see io_uring_setup(2). */
  constructor(calls: Calls, { submissions, completions }: RingSize) {
    this.#calls = calls;
    const params = new Int32Array(io.PARAMS.words);
    params[io.PARAMS.flags] = SETUP;
    params[io.PARAMS.cqEntries] = completions;
    this.fd = calls.io_uring_setup(submissions, params);
    if (this.fd < 0) throw new SystemCallError('io_uring_setup', -this.fd);
    const word = (field: number): number => params[field]! / 4;
    const cqEntries = params[io.PARAMS.cqEntries]!;
    this.#entries = params[io.PARAMS.sqEntries]!;
    const bytes = Math.max(
      params[io.PARAMS.sqArray]! + this.#entries * 4,
      params[io.PARAMS.cqCqes]! + cqEntries * io.CQE.words * 4,
    );
    this.#words = new Int32Array(mapMemory(bytes, this.fd, io.IORING_OFF_SQ_RING).buffer);
    this.#submissions = new Int32Array(
      mapMemory(this.#entries * io.SQE.words * 4, this.fd, io.IORING_OFF_SQES).buffer,
    );
    this.#sqHead = word(io.PARAMS.sqHead);
    this.#sqTail = word(io.PARAMS.sqTail);
    this.#cqHead = word(io.PARAMS.cqHead);
    this.#cqTail = word(io.PARAMS.cqTail);
    this.#cqMask = cqEntries - 1;
    this.#cqes = word(io.PARAMS.cqCqes);
    // The submission queue lists which entries are handed in, and in which order: here always one after the other.
    const array = word(io.PARAMS.sqArray);
    for (let i = 0; i < this.#entries; i++) this.#words[array + i] = i;
  }

  /**
   * The next submission: of what, on which descriptor, and the two numbers that come back with its completion. All else is
   * 0. Gives its place, for {@link set}.
   */
  submit(opcode: number, fd: number, who: number, what: number): number {
    this.makeRoomFor(1);
    const at = (this.#submitted & (this.#entries - 1)) * io.SQE.words;
    for (let field = io.SQE.off; field < io.SQE.words; field++) this.#submissions[at + field] = 0;
    this.#submissions[at + io.SQE.opcode] = opcode;
    this.#submissions[at + io.SQE.fd] = fd;
    this.#submissions[at + io.SQE.userData] = who;
    this.#submissions[at + io.SQE.userData + 1] = what;
    this.#submitted = (this.#submitted + 1) | 0;
    return at;
  }

  /** Sets a field, {@link io.SQE}, of the submission that lies at this place. */
  set(submission: number, field: number, value: number): void {
    this.#submissions[submission + field] = value;
  }

  setAddress(submission: number, field: number, address: number): void {
    this.#submissions[submission + field] = address | 0;
    this.#submissions[submission + field + 1] = address / 2 ** 32;
  }

  /** A chain of submissions must be handed in whole. */
  makeRoomFor(submissions: number): void {
    if (this.#waiting() + submissions > this.#entries) this.flush();
  }

  /** Hands in what was submitted, and does not wait. */
  flush(): void {
    while (this.#waiting() > 0) {
      const result = this.#calls.io_uring_submit(this.fd, this.#publish());
      this.#handedIn = this.#words[this.#sqHead]!;
      if (result < 0 && !interrupted(result)) throw new SystemCallError('io_uring_enter', -result);
    }
  }

  /** Hands in what was submitted, and sleeps until something is done or `milliseconds` have passed (-1: no limit). */
  wait(milliseconds: number): void {
    if (milliseconds >= 0) this.#timespec.milliseconds = milliseconds;
    const result = this.#calls.io_uring_enter(this, this.#publish(), milliseconds < 0 ? null : this.#limit);
    this.#handedIn = this.#words[this.#sqHead]!;
    if (interrupted(result)) return this.wait(0); // what was done before the signal came, another look says
    if (result < 0 && !timeIsOver(result) && !completionsFirst(result))
      throw new SystemCallError('io_uring_enter', -result);
    this.#done = this.#words[this.#cqTail]!;
  }

  /** Takes the next completion; false where there is none yet. */
  next(): boolean {
    if (this.#taken === this.#done) {
      this.#words[this.#cqHead] = this.#taken; // from here on the kernel may write there again
      return false;
    }
    const at = this.#cqes + (this.#taken & this.#cqMask) * io.CQE.words;
    this.who = this.#words[at + io.CQE.userData]!;
    this.what = this.#words[at + io.CQE.userData + 1]!;
    this.result = this.#words[at + io.CQE.result]!;
    this.flags = this.#words[at + io.CQE.flags]!;
    this.#taken = (this.#taken + 1) | 0;
    return true;
  }

  get empty(): boolean {
    return this.#taken === this.#words[this.#cqTail];
  }

  /** How many were submitted that the kernel has not taken yet. */
  #waiting(): number {
    return (this.#submitted - this.#handedIn) | 0;
  }

  #publish(): number {
    this.#words[this.#sqTail] = this.#submitted;
    return this.#waiting();
  }
}
