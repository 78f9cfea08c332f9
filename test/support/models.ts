// Every way to serve that a behaviour is tried in, and the flags that choose it.

export const MODELS = {
  iterative: ['--mode=iterative'],
  blocking: ['--mode=blocking'],
  evented: ['--mode=evented'],
  'evented, edge-triggered': ['--mode=evented', '--edge-triggered'],
  'evented, poll': ['--mode=evented', '--poller=poll'],
  'evented, select': ['--mode=evented', '--poller=select'],
  'evented, two loops': ['--mode=evented', '--loops=2'],
  'evented, two loops and one listener': ['--mode=evented', '--loops=2', '--share=listener'],
  async: ['--mode=async'],
  'async, edge-triggered': ['--mode=async', '--edge-triggered'],
  'evented, portable': ['--mode=evented', '--engine=portable'],
};
