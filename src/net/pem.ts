import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, one each; what stands between them is left out. */
export const certificatesIn = (text: string): readonly string[] =>
  (text.match(BLOCK) ?? []).map((block) => new X509Certificate(block).toString());

const readable = (block: string): boolean => {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
};

/**
 * What keeps a text from being certificates, as a sentence; null when nothing does. One that has expired is none the less one: it must
 * not keep a server from starting, whose other providers are well.
 */
export const certificateProblem = (text: string): string | null => {
  if (text.includes('PRIVATE KEY-----')) return 'this holds a private key; give only the certificate';
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0) return 'this is no certificate in PEM (-----BEGIN CERTIFICATE-----)';
  const bad = blocks.findIndex((block) => !readable(block));
  if (bad < 0) return null;
  return blocks.length === 1
    ? 'this certificate cannot be read'
    : `its certificate ${bad + 1} cannot be read`;
};
