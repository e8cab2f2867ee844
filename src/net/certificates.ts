import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';

/** An X.509 certificate as people compare it. Times are epoch milliseconds, fingerprints hexadecimal pairs joined by colons. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** The host names and addresses it is for. */
  readonly names: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly sha256: string;
  readonly sha1: string;
  readonly pem: string;
}

/** Reads pasted text: the certificates of a PEM text, or null when there is none or one cannot be read. */
export type ReadCertificates = (text: string) => readonly Certificate[] | null;

/** Certificates of one chain; a longer chain is not read to the end. */
const LONGEST_CHAIN = 10;

/** `DNS:a.example, IP Address:10.0.0.1` → the names alone. */
const namesIn = (alternatives: string | undefined): readonly string[] =>
  (alternatives ?? '').split(', ').flatMap((each) => {
    const [, name] = /^(?:DNS|IP Address):(.+)$/.exec(each) ?? [];
    return name === undefined ? [] : [name];
  });

const oneLine = (name: string): string => name.split('\n').join(', ');

const certificateOf = (certificate: X509Certificate): Certificate => ({
  subject: oneLine(certificate.subject),
  issuer: oneLine(certificate.issuer),
  names: namesIn(certificate.subjectAltName),
  from: Date.parse(certificate.validFrom),
  until: Date.parse(certificate.validTo),
  sha256: certificate.fingerprint256,
  sha1: certificate.fingerprint,
  pem: certificate.toString(),
});

/** What a server showed, its own certificate first. */
export const chainOf = (peer: DetailedPeerCertificate): readonly Certificate[] => {
  const chain: Certificate[] = [];
  // An authority at the top names itself as its issuer. A server without a certificate gives an empty object.
  for (
    let each = peer;
    each?.raw !== undefined && chain.length < LONGEST_CHAIN;
    each = each.issuerCertificate
  ) {
    const certificate = certificateOf(new X509Certificate(each.raw));
    if (chain.some(({ sha256 }) => sha256 === certificate.sha256)) break;
    chain.push(certificate);
  }
  return chain;
};

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads every certificate of a PEM text; null when there is none, or one cannot be read. */
export const readCertificates: ReadCertificates = (text) => {
  const blocks = text.match(BLOCK) ?? [];
  try {
    return blocks.length === 0 ? null : blocks.map((block) => certificateOf(new X509Certificate(block)));
  } catch {
    return null;
  }
};

const STRICT_BLOCK = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, one each; what stands between them is left out. */
export const certificatesIn = (text: string): readonly string[] =>
  (text.match(STRICT_BLOCK) ?? []).map((block) => new X509Certificate(block).toString());

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
  const blocks = text.match(STRICT_BLOCK) ?? [];
  if (blocks.length === 0) return 'this is no certificate in PEM (-----BEGIN CERTIFICATE-----)';
  const bad = blocks.findIndex((block) => !readable(block));
  if (bad < 0) return null;
  return blocks.length === 1
    ? 'this certificate cannot be read'
    : `its certificate ${bad + 1} cannot be read`;
};

/** When a certificate (PEM) ends, epoch milliseconds; null of what is none. */
export const certificateEnd = (pem: string): number | null => {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return null;
  }
};
