// The textbook's figures, to stand beside those of this machine.

import type { Textbook } from './result.js';

export const TEXTBOOK: Textbook = {
  title: 'CPU seconds for 100,000 monitoring operations',
  source: 'Michael Kerrisk, The Linux Programming Interface (2010), chapter 63, table 63-9',
  measured:
    'One descriptor at a time is ready, of so many that are watched: select and poll are given all of them at each call, epoll knows them already.',
  descriptors: [10, 100, 1_000, 10_000],
  rows: [
    { call: 'poll', seconds: [0.61, 2.9, 35, 990] },
    { call: 'select', seconds: [0.73, 3.0, 35, 930] },
    { call: 'epoll', seconds: [0.41, 0.42, 0.53, 0.66] },
  ],
};
