// Who was ready after a wait that gives no such list: copied out of what the kernel marked, as epoll_wait(2) would have.
// It stays as it is while the loop serves them, though connections come and go meanwhile.

export class ReadyList {
  length = 0;
  readonly #fds: number[] = [];
  readonly #ids: number[] = [];
  readonly #readiness: number[] = [];

  clear(): void {
    this.length = 0;
  }

  push(fd: number, id: number, readiness: number): void {
    this.#fds[this.length] = fd;
    this.#ids[this.length] = id;
    this.#readiness[this.length++] = readiness;
  }

  fd(index: number): number {
    return this.#fds[index]!;
  }

  id(index: number): number {
    return this.#ids[index]!;
  }

  readiness(index: number): number {
    return this.#readiness[index]!;
  }
}
