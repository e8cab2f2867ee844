import { plain } from '../../cli/plain.js';
import type { Certificate } from '../../net/certificates.js';

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** A certificate, for people to compare. */
export const certificateText = ({ subject, issuer, names, from, until, sha256, sha1 }: Certificate): string =>
  [
    `certificate  ${subject}`,
    `signed by    ${issuer}`,
    `names        ${names.join(', ') || 'none'}`,
    `valid        ${dayOf(from)} to ${dayOf(until)}`,
    `SHA-256      ${sha256}`,
    `SHA-1        ${sha1}`,
  ]
    .map(plain)
    .join('\n');
