// Reads small files that a user names, and says in words what is wrong with one: for lessons and for the progress file.

import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** Its message is the rest of a sentence: "it is a folder". */
export class FileProblem extends Error {}

/** The whole file. Throws a FileProblem for what is no regular file or larger than `mostBytes`, or the error of open(2). */
export function readRegularFile(path: string, mostBytes: number): Buffer {
  // Without O_NONBLOCK the open of a pipe waits until a program writes to it (fifo(7)).
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new FileProblem(`it is ${kindOf(stats)}`);
    if (stats.size > mostBytes)
      throw new FileProblem(`it has ${stats.size} bytes, and more than ${mostBytes} are not read`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}

/** Of open(2), mkdir(2), write(2) and rename(2). */
const REASONS: Record<string, string> = {
  EACCES: 'you have no permission',
  EDQUOT: 'your disk quota is used up',
  EEXIST: 'a file or a broken link is in the place of a folder',
  EFBIG: 'files may not become that large here',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTEMPTY: 'it is a folder',
  ENXIO: 'it is a socket or a device',
  EPERM: 'the system does not allow it',
  EROFS: 'the file system is read-only',
};

/** The rest of a sentence: why a file cannot be read or written. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return error instanceof FileProblem ? message : (REASONS[code ?? ''] ?? code ?? String(error));
}
