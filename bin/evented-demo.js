#!/usr/bin/env node
// The launcher: imports the built program, or says in one sentence why that is not possible here. It must be readable for
// Nodes far too old to run the program: hence no import at the top, and no syntax newer than import().

const OLDEST = 20;
const { node } = process.versions;

if (Number.parseInt(node, 10) < OLDEST) {
  refuse(`This is Node ${node}. Install Node ${OLDEST} or later, for example from https://nodejs.org.`);
} else {
  import('../build/src/cli/main.js').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    refuse('The program is not built, or one of its packages is missing. Run `npm install` in its folder.');
  });
}

function refuse(sentence) {
  console.error(`evented-demo: ${sentence}`);
  process.exitCode = 1;
}
