// A connection is nothing but these four: source address, source port, destination address, destination port.
// The source is the client, the destination this server.

export type FourTuple = readonly [
  sourceAddress: string,
  sourcePort: number,
  destinationAddress: string,
  destinationPort: number,
];

/** As the post writes it: `(127.0.0.1, 52356, 127.0.0.1, 8080)`. */
export const formatFourTuple = (tuple: FourTuple): string => `(${tuple.join(', ')})`;

/** `:52356 -> :8080`, where both addresses are known. */
export const formatPorts = ([, sourcePort, , destinationPort]: FourTuple): string =>
  `:${sourcePort} -> :${destinationPort}`;
