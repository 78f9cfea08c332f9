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
