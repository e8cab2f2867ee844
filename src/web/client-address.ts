import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/**
 * Who sent a request, for the log. `X-Forwarded-For` is believed from the right as long as each hop is one of `trustedProxies`
 * (CIDR ranges); anyone can write the rest of it.
 */
export const clientAddress = (trustedProxies: readonly string[]): ((request: IncomingMessage) => string) => {
  if (trustedProxies.length === 0) return (request) => plain(request.socket.remoteAddress ?? '-');
  const trusted = new BlockList();
  for (const range of trustedProxies) {
    const [base = '', length] = range.split('/');
    const family = familyOf(base);
    trusted.addSubnet(base, length === undefined ? (family === 'ipv4' ? 32 : 128) : Number(length), family);
  }
  return (request) => {
    const header = [request.headers['x-forwarded-for'] ?? []].flat().join(',');
    const hops = header.split(',').map((hop) => plain(hop.trim()));
    let address = plain(request.socket.remoteAddress ?? '-');
    while (isIP(address) !== 0 && trusted.check(address, familyOf(address))) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
};
