import type { ClientCredentials, Provider } from './provider.js';

/** What of a provider's record says which addresses may be reached and whose certificates are believed. */
export type Reach = Pick<Provider, 'allowAddresses' | 'certificates'>;

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

/** What a name resolves to; a literal address resolves to itself. */
export type NameFact =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** Not looked up: the proxy of this origin does that. */
  | { readonly kind: 'proxied'; readonly proxy: string }
  | { readonly kind: 'unknown' | 'timeout' };

/** Why there is no connection, or none that can be spoken over. */
export type NoChannel =
  | 'name-unknown'
  | 'address-refused'
  | 'refused'
  | 'timeout'
  | 'reset'
  | 'unreachable'
  /** The proxy does not lead there; the code says why. */
  | 'proxy'
  /** Something answers, and does not speak TLS. */
  | 'no-tls';

/** What is wrong with a chain of certificates; the first that holds. */
export type ChainFault = 'unknown-authority' | 'expired' | 'not-yet-valid' | 'wrong-name' | 'other';

/** What connecting to an origin came to; `chain` begins with the server's own certificate. */
export type ChannelFact =
  | { readonly kind: 'plain' }
  | { readonly kind: 'trusted'; readonly protocol: string; readonly chain: readonly Certificate[] }
  | {
      readonly kind: 'untrusted';
      readonly fault: ChainFault;
      /** Whether the server's own certificate is for this name: where it is not, trusting it would not help. */
      readonly named: boolean;
      /** The TLS library's own code. */
      readonly code: string;
      readonly chain: readonly Certificate[];
    }
  | { readonly kind: 'none'; readonly reason: NoChannel; readonly code: string };

/** One HTTP exchange, never followed anywhere. */
export type AnswerFact =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Absolute, or null. */
      readonly location: string | null;
      /** In lower case, without parameters; empty when there is none. */
      readonly contentType: string;
      readonly retryAfter: string | null;
      /** The beginning of the body; whatever secret of ours it repeats is blanked out. */
      readonly text: string;
    }
  | {
      readonly kind: 'none';
      /** `no-http`: something answers, and does not speak HTTP. */
      readonly reason: NoChannel | 'certificate' | 'no-http';
      readonly code: string;
    };

/** A server's metadata as it stands (RFC 8414), of the very issuer that was asked for, or a sentence that says why there is none. */
export type MetadataFact =
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly failure: string };

/**
 * Looks at an authorization server from here, one thing at a time, as the product itself would reach it: through the same guard and
 * trust. Every look ends within ten seconds. Never throws for what a server does.
 */
export interface Probe {
  name(url: string): Promise<NameFact>;
  channel(url: string, reach: Reach): Promise<ChannelFact>;
  /** A GET as a person's browser would send it, without cookies. */
  page(url: string, reach: Reach): Promise<AnswerFact>;
  /** A form sent as an OAuth client, which authenticates as it would for a token (RFC 6749 §2.3.1). */
  post(
    url: string,
    request: {
      readonly form: Readonly<Record<string, string>>;
      readonly client: ClientCredentials;
      readonly authentication: Provider['clientAuthentication'];
    },
    reach: Reach,
  ): Promise<AnswerFact>;
  metadata(issuer: string, reach: Reach): Promise<MetadataFact>;
}

/** Reads what somebody pasted: the certificates of a PEM text, or null when there is none or one cannot be read. */
export type ReadCertificates = (text: string) => readonly Certificate[] | null;
