// Why clients failed, in one sentence for each way of failing.

import type { Failure } from '../clients/client.js';
import type { Trouble } from '../clients/client-run.js';
import { everyOwnAddress } from '../net/own-addresses.js';
import { isLinkLocal, place } from '../net/place.js';
import { whoListens } from '../serve/who-listens.js';
import { commandLine } from '../ui/command-line.js';
import { count } from '../ui/quantities.js';
import type { ConnectPlan } from './connect-command.js';

export function troubleSentence({ failure, clients }: Trouble, plan: ConnectPlan): string {
  const of = plan.crew.count === 1 ? '' : ` (${clients} of ${count(plan.crew.count, 'client')})`;
  return sentence(failure, of, plan);
}

function sentence(
  { outcome, call, errno, replies }: Failure,
  of: string,
  { where, crew, part }: ConnectPlan,
): string {
  const server = place(where);
  const seconds = part.patienceMs / 1e3;
  if (replies !== undefined && (outcome === 'closed without a reply' || outcome === 'reset'))
    return `The server closed the connection after ${replies} of ${part.requests} replies${of}. Start it with --keep-alive, or leave --requests out.`;
  switch (outcome) {
    case 'refused':
      return `Nobody listens on ${server}${of}. Start a server there with \`${serveAt(where)}\`, in another terminal.`;
    case 'no address':
      return noAddress({ call, errno, of, where, from: crew.from });
    case 'no descriptor':
      return `expected a descriptor for each client, found no more of them${of}; raise \`ulimit -n\` or lower --count.`;
    case 'unreachable':
      return unreachable({ call, errno, of, where, from: crew.from });
    case 'not connected in time':
      return `expected to be connected to ${server} within ${seconds} s, was not${of}; its accept queue may be full: look with ss -ltn.`;
    case 'no reply in time':
      return errno === undefined
        ? `expected a whole reply within ${seconds} s, found none${of}; look what the server does, or give it a longer --timeout.`
        : `expected an answer from ${server}, found none for so long that the kernel gave up${of}; look at --host.`;
    case 'closed without a reply':
      return `expected a whole reply, found that the server had closed before${of}; look what the server tells.`;
    case 'not an HTTP reply':
      return `expected an HTTP reply from ${server}, found something else${of}; look at --port.`;
    case 'reset':
      return `expected a connection to ${server} that lasts, found ${errno ?? 'a reset'}${of}; look what the server tells.`;
    default:
      return `expected a reply from ${server}, found ${outcome}${of}; look what the server tells.`;
  }
}

/** What serves at the address and the port that clients were sent to. */
function serveAt({ address, port }: ConnectPlan['where']): string {
  const host = address === '127.0.0.1' ? [] : ['--host', address];
  return commandLine('serve', ...host, ...(port === 8080 ? [] : ['--port', String(port)]));
}

/** A connection that could not be had: which call failed with what, and for whom. */
interface Attempt {
  readonly call: string | undefined;
  readonly errno: string | undefined;
  readonly of: string;
  readonly where: ConnectPlan['where'];
  readonly from: ConnectPlan['crew']['from'];
}

function unreachable({ call, errno, of, where, from }: Attempt): string {
  if (errno === 'EAFNOSUPPORT') return noIpv6(of, where.address);
  const [flag, address] =
    call === 'bind' && from !== undefined ? ['--from', from.address] : ['--host', where.address];
  // Such an address is one of each interface's network: without its name the kernel doesn't know which (RFC 4007).
  if (errno === 'EINVAL' && isLinkLocal(address))
    return `${flag} expects a link-local address with its interface, such as ${address}%eth0, found ${address}${of}; \`ip address\` lists the interfaces.`;
  return `expected a way to ${place(where)}, found ${errno}${of}; look at ${flag}.`;
}

const noIpv6 = (of: string, address: string): string =>
  `expected IPv6 for --host ${address}, found a system without it${of}; use an IPv4 address.`;

/** A connection needs a source address, a source port, and a 4-tuple that no other has. */
function noAddress(attempt: Attempt): string {
  const { call, errno, of, where, from } = attempt;
  // A broadcast address, or a firewall's word: connect(2) knows EACCES too.
  if (call === 'connect' && errno === 'EACCES') return unreachable(attempt);
  const port = from?.port;
  if (call === 'bind' && errno === 'EADDRNOTAVAIL')
    return `--from expects an address of this machine, found ${from?.address}; it has ${everyOwnAddress().join(', ')}.`;
  const hasIpv6 = everyOwnAddress().some((address) => address.includes(':'));
  if (from === undefined && where.address.includes(':') && !hasIpv6) return noIpv6(of, where.address);
  if (errno === 'EACCES')
    return `--from expects a port that anyone may have, found ${port}${of}; choose one from 1024 on.`;
  if (port === undefined)
    return `expected a free port to come from, found none${of}; lower --count, or come --from another address such as 127.0.0.2.`;
  if (errno === 'EADDRINUSE')
    return `expected port ${port} of ${from?.address} to be free, found ${whoListens(port) ?? 'another socket'} on it${of}; choose another.`;
  return `expected no connection from ${from?.address}, port ${port}, to ${place(where)} yet, found one${of}, which may be in TIME_WAIT; choose another port, for no two connections have the same 4-tuple.`;
}
