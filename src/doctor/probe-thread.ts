// A thread as the blocking server has them: it gives itself a name, tells its id, and stays until it is ended.

import { parentPort, workerData } from 'node:worker_threads';
import { gettid, nameThread } from '../posix/system-calls.js';

nameThread(workerData as string);
parentPort?.on('message', () => {}); // with a listener it does not end by itself
parentPort?.postMessage(gettid());
