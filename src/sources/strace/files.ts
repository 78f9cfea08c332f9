// What descriptors refer to: open sockets, and the tables of descriptors of the processes, which share sockets after a fork
// and pass them to each other. A connection is closed when nobody refers to it any longer.

import type { FourTuple } from '../../net/four-tuple.js';

/** An open file description (open(2)): what several descriptors, of several processes, can refer to. */
interface OpenFile {
  nonBlocking: boolean;
  /** How many descriptors refer to it, and messages that carry it (SCM_RIGHTS). */
  holders: number;
}

export interface OpenListener extends OpenFile {
  readonly kind: 'listener';
}

export interface OpenConnection extends OpenFile {
  readonly kind: 'connection';
  readonly id: number;
  /** As accept(2) gave it. */
  readonly fd: number;
  readonly fourTuple: FourTuple;
  readonly acceptedAt: number;
  bytesIn: number;
  bytesOut: number;
  requests: number;
  peerClosed: boolean;
  reset: boolean;
  /** What came since the last reply, as long as strace showed all of it and no first line is complete. */
  head: string | undefined;
}

export interface Epoll extends OpenFile {
  readonly kind: 'epoll';
  readonly interest: WatchedFiles;
}

/** Anything else. `options`: of a socket, those that were set so far (setsockopt(2)). */
export interface OtherFile extends OpenFile {
  readonly kind: 'other';
  readonly options?: Set<string>;
}

export type File = OpenListener | OpenConnection | Epoll | OtherFile;

export const isListenerOrConnection = (file: File | undefined): file is OpenListener | OpenConnection =>
  file?.kind === 'listener' || file?.kind === 'connection';

/** What an epoll instance watches. A descriptor that is closed leaves the list by itself (epoll(7)). */
export class WatchedFiles {
  readonly #dataOf = new Map<number, string>();
  readonly #byData = new Map<string, { readonly fd: number; readonly file: File }>();

  /** `data`: what epoll_wait(2) gives back for it. */
  set(fd: number, file: File, data: string): void {
    this.delete(fd);
    this.#dataOf.set(fd, data);
    this.#byData.set(data, { fd, file });
  }

  delete(fd: number): void {
    const data = this.#dataOf.get(fd);
    if (data === undefined) return;
    this.#dataOf.delete(fd);
    if (this.#byData.get(data)?.fd === fd) this.#byData.delete(data);
  }

  watched(data: string): { readonly fd: number; readonly file: File } | undefined {
    const found = this.#byData.get(data);
    return found === undefined || found.file.holders === 0 ? undefined : found;
  }
}

interface DescriptorEntry {
  readonly file: File;
  closeOnExec: boolean;
}

/** Called when the last reference has gone; `fd` was that one. */
export type OnFileClosed = (file: File, fd: number) => void;

/** The descriptors of one process. Threads have the same table. */
export class DescriptorTable {
  readonly #entries = new Map<number, DescriptorEntry>();

  file(fd: number): File | undefined {
    return this.#entries.get(fd)?.file;
  }

  /** A descriptor that was taken before is closed by that, as dup2(2) does. */
  set(fd: number, file: File, closeOnExec: boolean, onClosed: OnFileClosed): void {
    file.holders++;
    this.close(fd, onClosed);
    this.#entries.set(fd, { file, closeOnExec });
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const entry = this.#entries.get(fd);
    if (entry !== undefined) entry.closeOnExec = closeOnExec;
  }

  close(fd: number, onClosed: OnFileClosed): void {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return;
    this.#entries.delete(fd);
    release(entry.file, fd, onClosed);
  }

  closeRange(first: number, last: number, onClosed: OnFileClosed): void {
    for (const fd of [...this.#entries.keys()]) if (fd >= first && fd <= last) this.close(fd, onClosed);
  }

  /** How many of its descriptors refer to connections. */
  get connections(): number {
    return [...this.#entries.values()].filter(({ file }) => file.kind === 'connection').length;
  }

  /** execve(2). */
  closeOnExec(onClosed: OnFileClosed): void {
    for (const [fd, { closeOnExec }] of [...this.#entries]) if (closeOnExec) this.close(fd, onClosed);
  }

  /** fork(2). */
  copy(): DescriptorTable {
    const copy = new DescriptorTable();
    for (const [fd, { file, closeOnExec }] of this.#entries) copy.set(fd, file, closeOnExec, () => {});
    return copy;
  }
}

export function release(file: File, fd: number, onClosed: OnFileClosed): void {
  file.holders--;
  if (file.holders === 0) onClosed(file, fd);
}
