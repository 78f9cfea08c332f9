// Requests that were damaged on the way, made at random: for what reads them, and for the servers.

import fc from 'fast-check';

export const request = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'BREW'),
    target: fc.stringMatching(/^\/[!-~]{0,30}$/),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
    fields: fc.array(
      fc.constantFrom('Host: localhost', 'Connection: close', 'Content-Length: 0', 'X: \t y', 'Accept:'),
      { maxLength: 4 },
    ),
    lineEnd: fc.constantFrom('\r\n', '\n'),
  })
  .map(({ method, target, version, fields, lineEnd }) => ({
    method,
    target,
    version,
    text: [`${method} ${target} ${version}`, ...fields, '', ''].join(lineEnd),
  }));

/** Of each byte what to do with it: put another in its place, put one before it, leave it out. */
const damage = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'insert', 'remove'),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x0a, 0x0d, 0x1b, 0x20, 0x3a, 0x7f, 0x80, 0xff)),
});

function damaged(bytes: Buffer, damages: readonly { at: number; how: string; byte: number }[]): Buffer {
  const result = [...bytes];
  for (const { at, how, byte } of damages) {
    if (result.length === 0) break;
    const index = at % result.length;
    if (how === 'insert') result.splice(index, 0, byte);
    else if (how === 'remove') result.splice(index, 1);
    else result[index] = byte;
  }
  return Buffer.from(result);
}

/** Some requests, one behind the other, with bytes of them changed. */
export const damagedRequests = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 4 }), fc.array(damage, { minLength: 1, maxLength: 6 }))
  .map(([requests, damages]) =>
    damaged(Buffer.from(requests.map((each) => each.text).join(''), 'latin1'), damages),
  );
