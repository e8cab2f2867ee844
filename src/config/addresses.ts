import { isIP } from 'node:net';

/**
 * An address range in CIDR notation, or null. A single address becomes the range of itself. Host bits beyond the prefix are left
 * alone; every reader masks them.
 */
export const cidr = (text: string): string | null => {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes('%')) return null;
  const bits = family === 4 ? 32 : 128;
  if (prefix === undefined) return `${address}/${bits}`;
  return /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits ? text : null;
};
