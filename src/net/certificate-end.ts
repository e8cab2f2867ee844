import { X509Certificate } from 'node:crypto';

/** When a certificate (PEM) ends, epoch milliseconds; null of what is none. */
export const certificateEnd = (pem: string): number | null => {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return null;
  }
};
