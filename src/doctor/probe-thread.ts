// A thread like those of the blocking server: it names itself, reports its id, and waits until it is ended.

import { parentPort, workerData } from 'node:worker_threads';
import { gettid, nameThread } from '../posix/system-calls.js';

nameThread(workerData as string);
parentPort?.on('message', () => {}); // keeps the thread alive
parentPort?.postMessage(gettid());
