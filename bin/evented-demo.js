#!/usr/bin/env node
// The launcher: imports the built program, or says in one sentence why that is not possible here. It must be readable for
// Nodes far too old to run the program: hence no import at the top, and no newer syntax.

const OLDEST = 20;
// With fewer than these left, Node fails to load the program and says that a package is missing, or nothing at all.
const NEEDED_DESCRIPTORS = 16;
const { node } = process.versions;

if (Number.parseInt(node, 10) < OLDEST) {
  refuse(`This is Node ${node}. Install Node ${OLDEST} or later, for example from https://nodejs.org.`);
} else {
  start();
}

async function start() {
  const left = descriptorsLeft(await import('node:fs'));
  if (left < NEEDED_DESCRIPTORS) {
    return refuse(
      `Too few file descriptors: this process may open ${left} more, and it needs ${NEEDED_DESCRIPTORS}. ` +
        'Raise the limit with `ulimit -n 1024`; above the hard limit only root can.',
    );
  }
  import('../build/src/cli/main.js').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    refuse('The program is not built, or one of its packages is missing. Run `npm install` in its folder.');
  });
}

/** Infinity where there is no /proc, and so nothing is known. */
function descriptorsLeft({ readdirSync, readFileSync }) {
  try {
    const open = readdirSync('/proc/self/fd').length;
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit) - open + 1; // one was for the folder
  } catch (error) {
    return error.code === 'EMFILE' ? 0 : Number.POSITIVE_INFINITY;
  }
}

function refuse(sentence) {
  console.error(`evented-demo: ${sentence}`);
  process.exitCode = 1;
}
