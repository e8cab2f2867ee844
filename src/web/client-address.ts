import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
const plain = (address: string): string =>
  address.includes(':') ? address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') : address;

const addressOrNone = (text: string): string => (isIP(text) === 0 ? '-' : text);

const listOf = (ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [base = '', length] = range.split('/');
    const family = familyOf(base);
    list.addSubnet(base, length === undefined ? (family === 'ipv4' ? 32 : 128) : Number(length), family);
  }
  return list;
};

/**
 * Who sent a request, for the log. `X-Forwarded-For` is believed from the right as long as each hop is one of `trustedProxies`
 * (CIDR ranges); anyone can write the rest of it. `behindSocket`: requests come through a Unix socket, which only a proxy may connect to.
 */
export const clientAddress = (
  trustedProxies: readonly string[],
  behindSocket = false,
): ((request: IncomingMessage) => string) => {
  if (trustedProxies.length === 0 && !behindSocket)
    return (request) => plain(request.socket.remoteAddress ?? '-');
  const trusted = listOf(trustedProxies);
  return (request) => {
    const header = [request.headers['x-forwarded-for'] ?? []].flat().join(',');
    const hops = header.split(',').map((hop) => plain(hop.trim()));
    let address = behindSocket ? addressOrNone(hops.pop() ?? '') : plain(request.socket.remoteAddress ?? '-');
    while (isIP(address) !== 0 && trusted.check(address, familyOf(address))) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
};

/** Whether one of `trustedProxies` itself passed a request on, or anything did through a Unix socket. */
export const isFromProxy = (
  trustedProxies: readonly string[],
  behindSocket: boolean,
): ((request: IncomingMessage) => boolean) => {
  if (behindSocket) return () => true;
  const trusted = listOf(trustedProxies);
  return ({ socket }) => {
    const address = plain(socket.remoteAddress ?? '');
    return isIP(address) !== 0 && trusted.check(address, familyOf(address));
  };
};
