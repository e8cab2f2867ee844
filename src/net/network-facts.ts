import type { Certificate } from './certificates.js';

/** Why a call came to nothing, as a closed set. `certificate`: it is not trusted; `no-http`: something answers, and does not speak HTTP. */
export type NetworkFailure = NoChannel | 'certificate' | 'no-http';

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

/** What connecting to an origin came to; `chain` starts with the server's own certificate. */
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
      readonly reason: NetworkFailure;
      readonly code: string;
    };
