// A snapshot as JSON: one document, or one line for each snapshot of --watch.

import { describeEpollMask } from '../posix/epoll-mask.js';
import { escapeControls } from '../terminal/escape.js';
import type { Snapshot } from './snapshot.js';

/** On one line without `indent`. What is not known is left out. */
export function lookAsJson(look: Snapshot, indent?: number): string {
  const { at, server, acceptQueue, ownQueue, sockets, threads, interestList } = look;
  const { descriptorsReadable, callsReadable } = look;
  const { backlog: _asked, inode: _inode, ...known } = server;
  const document = {
    at,
    server: known,
    acceptQueue,
    ownQueue,
    sockets: sockets.map(({ inode: _, awaitsAccept, ...socket }) => ({
      ...socket,
      awaitsAccept: awaitsAccept || undefined,
    })),
    threads,
    interestList: interestList && {
      fd: interestList.fd,
      watches: interestList.watches.map(({ fd, interest, data, tag }) => ({
        fd,
        interest: describeEpollMask(interest),
        data,
        connection: interestList.ofNode || tag === 0 ? undefined : tag,
      })),
    },
    readable: { descriptors: descriptorsReadable, calls: callsReadable },
  };
  return JSON.stringify(document, undefined, indent).split('\n').map(escapeControls).join('\n');
}
