// Every way to serve that a behaviour is tried in, and the flags that choose it.

export const MODELS = {
  iterative: ['--mode=iterative'],
  blocking: ['--mode=blocking'],
  pool: ['--mode=pool', '--queue-limit=1000'],
  processes: ['--mode=processes'],
  'processes, prefork': ['--mode=processes', '--prefork=4'],
  evented: ['--mode=evented'],
  'evented, edge-triggered': ['--mode=evented', '--edge-triggered'],
  async: ['--mode=async'],
  completion: ['--mode=completion'],
  'async, edge-triggered': ['--mode=async', '--edge-triggered'],
  'evented, portable': ['--mode=evented', '--engine=portable'],
};

/** The same conversation on another poller, or in several threads. */
export const VARIANTS = {
  'evented, poll': ['--mode=evented', '--poller=poll'],
  'evented, select': ['--mode=evented', '--poller=select'],
  'evented, two workers': ['--mode=evented', '--workers=2'],
  'evented, two loops': ['--mode=evented', '--loops=2'],
  'evented, two loops and one listener': ['--mode=evented', '--loops=2', '--share=listener'],
};

/** For the suites that are about what a model does for its clients. */
export const MODELS_AND_VARIANTS = { ...MODELS, ...VARIANTS };
