// What a loop has instead of sleep(3): the times at which it must wake, soonest first.
// A binary heap of timed things; each is in it at most once, however often its time is changed.

export interface Timed {
  /** When it is due, in milliseconds of performance.now(); Infinity where it is not. */
  due: number;
  /** The heap's own: where it lies, or -1, and the time it lies there for. */
  heapIndex: number;
  heapTime: number;
}

/**
 * Most timers are put off or taken out before they are due. So a later time is only written down, and the heap is put
 * right when the earlier one is the next.
 */
export class Timers<T extends Timed> {
  readonly #heap: T[] = [];

  /** `time` Infinity takes it out, in the end. */
  set(item: T, time: number): void {
    item.due = time;
    if (item.heapIndex < 0) {
      if (time === Number.POSITIVE_INFINITY) return;
      item.heapTime = time;
      this.#heap.push(item);
      this.#rise(item, this.#heap.length - 1);
    } else if (time < item.heapTime) {
      item.heapTime = time;
      this.#rise(item, item.heapIndex);
    }
  }

  /** Milliseconds until the next timer, rounded up; -1 if none. */
  untilNext(now: number): number {
    // One is enough. If the next was put off too, the loop wakes up once too early, and settles that one then.
    if (this.#firstWasPutOff()) this.#settleFirst();
    const first = this.#heap[0];
    return first === undefined ? -1 : Math.max(0, Math.ceil(first.heapTime - now));
  }

  /** Takes out the next one that is due. */
  nextDue(now: number): T | undefined {
    for (let first = this.#heap[0]; first !== undefined && first.heapTime <= now; first = this.#heap[0]) {
      if (this.#firstWasPutOff()) {
        this.#settleFirst();
        continue;
      }
      this.#removeFirst();
      first.due = Number.POSITIVE_INFINITY;
      return first;
    }
    return undefined;
  }

  #firstWasPutOff(): boolean {
    const first = this.#heap[0];
    return first !== undefined && first.due !== first.heapTime;
  }

  /** Moves the first one to where its later time belongs. */
  #settleFirst(): void {
    const first = this.#heap[0]!;
    if (first.due === Number.POSITIVE_INFINITY) return this.#removeFirst();
    first.heapTime = first.due;
    this.#sink(first, 0);
  }

  #removeFirst(): void {
    this.#heap[0]!.heapIndex = -1;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(last, 0);
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1]!;
      if (parent.heapTime <= item.heapTime) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(item, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#heap[child + 1]!.heapTime < this.#heap[child]!.heapTime)
        child++;
      if (this.#heap[child]!.heapTime >= item.heapTime) break;
      this.#place(this.#heap[child]!, index);
      index = child;
    }
    this.#place(item, index);
  }

  #place(item: T, index: number): void {
    this.#heap[index] = item;
    item.heapIndex = index;
  }
}
