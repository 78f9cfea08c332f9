// fd_set, as select(2) takes it: a bit for each descriptor below 1,024, and no room for any other.

/** In the C library's header, and so in every program: a higher descriptor would be written beyond the set's end. */
export const FD_SETSIZE = 1024;
const BITS = 32;

export class FdSet {
  readonly words = new Int32Array(FD_SETSIZE / BITS);

  has(fd: number): boolean {
    return ((this.words[fd >> 5]! >> (fd & 31)) & 1) === 1;
  }

  set(fd: number, member: boolean): void {
    const bit = 1 << (fd & 31);
    if (member) this.words[fd >> 5]! |= bit;
    else this.words[fd >> 5]! &= ~bit;
  }

  /** select(2) leaves only those that are ready in a set, so it is given a copy each time. */
  copyFrom({ words }: FdSet): void {
    this.words.set(words);
  }
}
