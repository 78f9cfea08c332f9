// Under Bun and Deno, which can run the program too: it does not call itself Node, and has no figures of Node's.
// They are pretended, by the version that each of them adds to Node's own.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LIMIT } from '../support/limit.js';
import { run } from '../support/server.js';

for (const [runtime, engine] of [
  ['Bun', 'JavaScriptCore'],
  ['Deno', 'V8'],
] as const) {
  it(`under ${runtime}: the header and doctor say so`, LIMIT, async () => {
    const preload = `data:text/javascript,process.versions.${runtime.toLowerCase()}='1.2.3'`;
    const env = { ...process.env, NODE_OPTIONS: `--import=${preload}`, NO_COLOR: '1' };
    const serve = await run(['serve', '--mode=blocking', '--port=0', '--until-eof'], { env });
    assert.match(serve.stdout, new RegExp(`runs on .* ${runtime} v1\\.2\\.3, pid `));
    assert.match(serve.stdout, new RegExp(`a new one is a whole ${engine}\n`));
    assert.doesNotMatch(serve.stdout, /Node/);
    const doctor = await run(['doctor', '--port=0', '--format=json'], { env });
    assert.match(
      doctor.stdout,
      new RegExp(`"check":"node","status":"warning","found":"not Node, but ${runtime} v1\\.2\\.3 `),
    );
  });
}
