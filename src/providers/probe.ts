import { parseUrl } from '../domain/parse-url.js';
import type { AddressGuards, Reach } from '../net/address-guard.js';
import type { AnswerFact, ChannelFact, NameFact } from '../net/network-facts.js';
import { asBrowser, exchange, lookAtChannel, lookUp, type Sending } from '../net/probe-connection.js';
import { USER_AGENT } from '../net/user-agent.js';
import { metadataOf } from './discovery.js';
import type { ClientCredentials, Provider } from './provider.js';

/** A form that an OAuth client sends, and as which client. */
interface Post {
  readonly form: Readonly<Record<string, string>>;
  readonly client: ClientCredentials;
  readonly authentication: Provider['clientAuthentication'];
  /** How the body is written, and id and secret into the header. */
  readonly dialect?: Pick<Provider, 'tokenRequest' | 'basicEncoding'>;
}

/** RFC 6749 appendix B, as the client proper writes it. */
const formEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** A secret so short would blank out half of every sentence. */
const SHORTEST = 4;

/** A form from an OAuth client, which authenticates in one way only (RFC 6749 §2.3). */
export const asClient = ({ form, client, authentication, dialect = {} }: Post): Sending => {
  const secret = client.secret.reveal();
  const encoded = dialect.basicEncoding === 'raw' ? (text: string) => text : formEncoded;
  const basic = Buffer.from(`${encoded(client.id)}:${encoded(secret)}`).toString('base64');
  const inBody = { client_id: client.id, client_secret: secret };
  const fields = { ...form, ...(authentication === 'body' && inBody) };
  const isJson = dialect.tokenRequest === 'json';
  return {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(authentication === 'basic' && { authorization: `Basic ${basic}` }),
    },
    body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
    secrets: [secret, formEncoded(secret), basic].filter(({ length }) => length >= SHORTEST),
  };
};

/** A server's metadata as it stands (RFC 8414), of the very issuer that was asked for, or a sentence that says why there is none. */
export type MetadataFact =
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly failure: string };

/** Milliseconds for one look. */
const TIME_LIMIT = 10_000;

/** Whose record it is does not matter to how a name is looked up. */
const NO_ONE: Reach = { allowAddresses: [], certificates: [] };

/**
 * Looks at an authorization server from here, one thing at a time, as the product itself would reach it: through the same guard and
 * trust. Never throws for what a server does.
 */
export class Probe {
  readonly #guards: Pick<AddressGuards, 'for'>;
  readonly #timeLimit: number;

  /** `timeLimit` is for one look, in milliseconds. */
  constructor(guards: Pick<AddressGuards, 'for'>, timeLimit = TIME_LIMIT) {
    this.#guards = guards;
    this.#timeLimit = timeLimit;
  }

  name(url: string): Promise<NameFact> {
    return lookUp(new URL(url), this.#guards.for(NO_ONE), this.#timeLimit);
  }

  channel(url: string, reach: Reach): Promise<ChannelFact> {
    return lookAtChannel(new URL(url), this.#guards.for(reach), this.#timeLimit);
  }

  /** A GET as a person's browser would send it, without cookies. */
  page(url: string, reach: Reach): Promise<AnswerFact> {
    return exchange(new URL(url), asBrowser, this.#guards.for(reach), this.#timeLimit);
  }

  /** A form sent as an OAuth client, which authenticates as it would for a token (RFC 6749 §2.3.1). */
  post(url: string, request: Post, reach: Reach): Promise<AnswerFact> {
    return exchange(new URL(url), asClient(request), this.#guards.for(reach), this.#timeLimit);
  }

  /** A request that is written already. */
  send(url: URL, sending: Sending, reach: Reach): Promise<AnswerFact> {
    return exchange(url, sending, this.#guards.for(reach), this.#timeLimit);
  }

  async metadata(issuer: string, reach: Reach): Promise<MetadataFact> {
    if (parseUrl(issuer) === null) return { failure: `${issuer} is no URL` };
    const found = await metadataOf(issuer, this.#guards.for(reach), this.#timeLimit);
    return typeof found === 'string' ? { failure: found } : { fields: found };
  }
}
