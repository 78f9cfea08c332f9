// What the program meets on a system that is not Linux: loaded with `node --import`, before the program itself.
// There is no /proc and no /sys, and no library with system calls can be loaded. PRETEND_PLATFORM is the system's name.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const HIDDEN = /^\/(proc|sys)(\/|$)/;

Object.defineProperty(process, 'platform', { value: process.env.PRETEND_PLATFORM ?? 'darwin' });

process.dlopen = () => {
  throw new Error('this system has no such library');
};

const calls = fs as unknown as Record<string, (path: unknown, ...rest: unknown[]) => unknown>;
for (const name of ['readFileSync', 'readdirSync', 'readlinkSync', 'openSync', 'statSync', 'lstatSync']) {
  const real = calls[name]!;
  calls[name] = (path, ...rest) => {
    if (!HIDDEN.test(String(path))) return real(path, ...rest);
    throw Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
  };
}
const exists = fs.existsSync;
fs.existsSync = (path) => !HIDDEN.test(String(path)) && exists(path);
syncBuiltinESMExports();
