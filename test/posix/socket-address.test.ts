// Socket addresses as the kernel lays them out, and back to what a person reads.
// Stands beside src/posix/socket-address.ts; Node's own parsers say what is right.

import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeSocketAddress,
  encodeSocketAddress,
  formatIPv6,
  isWildcard,
  parseIPv6,
  SOCKET_ADDRESS_BYTES,
} from '../../src/posix/socket-address.js';

/** The canonical text of an IPv6 address, by the URL standard (RFC 5952 but for IPv4 in the last two groups). */
const canonical = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);

const ports = fc.nat(65_535);

/** Bytes among which runs of zeros, the hard part of the text form, are common. */
const ipv6Bytes = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 0xff), fc.constantFrom(0, 0, 0x0d, 0xff)), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flat()));

test('an IPv4 address lies in 16 bytes: family, port in network order, address, zeros', () => {
  const bytes = encodeSocketAddress({ address: '127.0.0.2', port: 8080 });
  assert.deepEqual([...bytes], [2, 0, 0x1f, 0x90, 127, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('an IPv6 address lies in 28 bytes: family, port, flow, address, scope', () => {
  const bytes = encodeSocketAddress({ address: 'fe80::a:1%258', port: 443 });
  const address = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0, 1];
  assert.deepEqual([...bytes], [10, 0, 1, 0xbb, 0, 0, 0, 0, ...address, 2, 1, 0, 0]);
});

test('every IPv4 address and port comes back as it was', () => {
  fc.assert(
    fc.property(fc.ipV4(), ports, (address, port) => {
      assert.deepEqual(decodeSocketAddress(encodeSocketAddress({ address, port })), { address, port });
    }),
  );
});

test('every IPv6 address, however it is written, comes back in its canonical form', () => {
  fc.assert(
    fc.property(fc.ipV6(), ports, (address, port) => {
      const decoded = decodeSocketAddress(encodeSocketAddress({ address, port }));
      const expected = canonical(address);
      fc.pre(!expected.startsWith('::ffff:'));
      assert.deepEqual(decoded, { address: expected, port });
      assert.ok(isIPv6(decoded.address));
    }),
    { numRuns: 300 },
  );
});

test('an IPv4 address that IPv6 carries is given as the IPv4 address it is, however it was written', () => {
  fc.assert(
    fc.property(fc.ipV4(), ports, (address, port) => {
      for (const mapped of [`::ffff:${address}`, `0:0::FFFF:${address}`, canonical(`::ffff:${address}`)]) {
        assert.deepEqual(decodeSocketAddress(encodeSocketAddress({ address: mapped, port })), {
          address,
          port,
        });
      }
    }),
  );
  for (const address of ['::fffe:102:304', '::ff:102:304', '1::ffff:102:304']) {
    assert.equal(decodeSocketAddress(encodeSocketAddress({ address, port: 1 })).address, address);
  }
});

test('the text of any 16 bytes is the canonical one, and means those bytes', () => {
  fc.assert(
    fc.property(ipv6Bytes, (bytes) => {
      const groups = Array.from({ length: 8 }, (_, i) =>
        ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
      );
      const text = formatIPv6(bytes, 0);
      assert.equal(text, canonical(groups.join(':')));
      assert.deepEqual(parseIPv6(text), bytes);
    }),
    { numRuns: 500 },
  );
});

test('of two equal runs of zeros the first is cut, and a single zero is not', () => {
  const format = (address: string): string => formatIPv6(parseIPv6(address), 0);
  assert.equal(format('1:0:0:2:0:0:3:4'), '1::2:0:0:3:4');
  assert.equal(format('1:0:0:2:0:0:0:3'), '1:0:0:2::3');
  assert.equal(format('1:0:2:3:4:5:6:7'), '1:0:2:3:4:5:6:7');
  assert.equal(format('1:2:3:4:5:6:0:0'), '1:2:3:4:5:6::');
});

test('an address is read from wherever it lies in a buffer', () => {
  for (const address of ['10.1.2.3', '2001:db8::7']) {
    const bytes = new Uint8Array(3 + SOCKET_ADDRESS_BYTES).fill(0xaa);
    bytes.set(encodeSocketAddress({ address, port: 65_535 }), 3);
    assert.deepEqual(decodeSocketAddress(bytes, 3), { address, port: 65_535 });
  }
});

test('what is no numeric address is refused with a sentence that repeats it', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom('localhost', '', '1.2.3', '[::1]', '::g'), fc.string()),
      (address) => {
        fc.pre(!isIPv4(address) && !isIPv6(address));
        assert.throws(() => encodeSocketAddress({ address, port: 80 }), {
          name: 'RangeError',
          message: `${JSON.stringify(address)} is not a numeric address`,
        });
      },
    ),
  );
});

test('only 0.0.0.0 and :: mean any address of this machine', () => {
  const wildcard = (address: string): boolean => isWildcard(encodeSocketAddress({ address, port: 8080 }));
  assert.deepEqual(['0.0.0.0', '::', '0:0::0'].map(wildcard), [true, true, true]);
  assert.deepEqual(['0.0.0.1', '127.0.0.1', '::1', '1::'].map(wildcard), [false, false, false, false]);
});

test('room for either structure is enough to tell any address from a concrete one', () => {
  const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES).fill(0xff);
  bytes.set(encodeSocketAddress({ address: '0.0.0.0', port: 1 }));
  assert.equal(isWildcard(bytes), true);
});
