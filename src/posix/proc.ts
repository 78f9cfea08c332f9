// Files of /proc (proc(5)). A process may end between one read and the next, so that is no error here. Only a shortage of
// this process itself is thrown: without a descriptor to read with, everything would look empty.
// Used to ask the kernel about a process: who has a port, and `inspect`.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Called if the file exists, and only its owner may read it: EACCES or EPERM. */
export type OnDenied = () => void;

/** The file's text; empty if it is gone or may not be read. */
export function readProc(file: string, onDenied?: OnDenied): string {
  return attempt(() => readFileSync(file, 'utf8'), onDenied) ?? '';
}

/** The fields of a `stat` file after the name, which may hold blanks and brackets itself: state, parent, group, session ... */
export const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** The names in a folder; none if it is gone or may not be read. */
export function listProc(folder: string, onDenied?: OnDenied): string[] {
  return attempt(() => readdirSync(folder), onDenied) ?? [];
}

/** What a link such as /proc/PID/fd/3 names: `socket:[12345]`, `anon_inode:[eventpoll]`, a path; or nothing. */
export function linkOf(link: string): string {
  return attempt(() => readlinkSync(link)) ?? '';
}

export function processIds(): number[] {
  return listProc('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function attempt<T>(read: () => T, onDenied?: OnDenied): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') throw error;
    if (code === 'EACCES' || code === 'EPERM') onDenied?.();
    return undefined;
  }
}
