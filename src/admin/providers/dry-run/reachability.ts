import { isCallable, literalAddress } from '../../../domain/ip-addresses.js';
import { parseUrl } from '../../../domain/parse-url.js';
import type { Reach } from '../../../net/address-guard.js';
import type { Certificate } from '../../../net/certificates.js';
import type { ChainFault, ChannelFact, NameFact, NoChannel } from '../../../net/network-facts.js';
import { isInternalName } from '../../../net/proxy.js';
import type { Provider } from '../../../providers/provider.js';
import type { AdminDeps } from '../../admin-deps.js';
import { type Line, type LineCode, line } from './line.js';

type Untrusted = Extract<ChannelFact, { kind: 'untrusted' }>;

const DAY = 24 * 60 * 60_000;
/** A certificate that expires sooner is reported. */
const SOON = 14 * DAY;

const list = (items: readonly string[]): string => items.join(', ');

const unresolved: Readonly<Record<'unknown' | 'timeout', LineCode>> = {
  unknown: 'name_unknown',
  timeout: 'name_unanswered',
};

const judgeProxied = (origin: string, hostname: string, proxy: string): Line =>
  isInternalName(hostname)
    ? line('address_never', origin, `${hostname} is never called.`, {
        cause: 'Clouds serve machine credentials there, or it is the proxy’s own machine.',
        fix: 'Correct the name: no setting allows it.',
      })
    : line('name_by_proxy', origin, `${hostname} is reached through ${proxy}, which looks its name up.`);

/** What it means that a name resolves so; the name is reachable only when the line is green. */
export const judgeName = (origin: string, fact: NameFact, { allowAddresses }: Reach): Line => {
  const { hostname } = new URL(origin);
  if (fact.kind === 'proxied') return judgeProxied(origin, hostname, fact.proxy);
  if (fact.kind !== 'addresses') {
    const cause =
      fact.kind === 'unknown' ? 'This server’s DNS does not know the name.' : 'DNS did not respond in time.';
    return line(unresolved[fact.kind], origin, `${hostname} can’t be resolved on this server.`, {
      cause,
      fix: 'Correct the name in the record, or add it to this server’s DNS or hosts file.',
    });
  }
  const { addresses } = fact;
  const never = addresses.filter((address) => !isCallable(address, ['0.0.0.0/0', '::/0']));
  if (never.length > 0) {
    return line('address_never', origin, `${hostname} resolves to ${list(never)}, which is never called.`, {
      cause: 'Clouds serve machine credentials there.',
      fix: 'Correct the name: no setting allows this address.',
    });
  }
  const refused = addresses.filter((address) => !isCallable(address, allowAddresses));
  if (refused.length > 0) {
    return line(
      'address_private',
      origin,
      `${hostname} resolves to ${list(refused)}, which is not allowed.`,
      {
        cause: 'Loopback and private addresses are refused unless the record allows them.',
        fix: `If this is intended, add to this provider: allowAddresses: [ ${list(refused.map((each) => `"${each}"`))} ], or the range they are in. It must be within outgoing.allow of oriel.yaml.`,
      },
    );
  }
  const sentence =
    literalAddress(hostname) === null
      ? `${hostname} resolves to ${list(addresses)}.`
      : `${list(addresses)} is an address, and allowed.`;
  return line('name_resolves', origin, sentence);
};

const NO_CHANNEL: Readonly<Record<NoChannel, readonly [LineCode, sentence: string, fix: string]>> = {
  'name-unknown': ['name_unknown', 'Its name can’t be resolved.', 'Correct the name in the record.'],
  'address-refused': [
    'channel_insecure',
    'It may not be called over plain HTTP.',
    'Use https; plain http is allowed only on this machine.',
  ],
  refused: [
    'connection_refused',
    'Nothing is listening there.',
    'Start the server, or correct the port in the record; a firewall may also refuse.',
  ],
  timeout: [
    'connection_timeout',
    'It does not respond within ten seconds.',
    'Check whether the server is running, and whether a firewall lets this machine through.',
  ],
  reset: [
    'connection_cut',
    'It closes the connection immediately.',
    'Check the log of the server or its proxy; it may require another TLS version, or a client certificate.',
  ],
  unreachable: [
    'connection_impossible',
    'It can’t be reached from this machine.',
    'Check this machine’s network, routes and firewall.',
  ],
  proxy: [
    'proxy_failed',
    'The proxy can’t reach it.',
    'Check outgoingProxy in oriel.yaml, or HTTPS_PROXY and NO_PROXY: is the proxy running, are user and password right, does it allow this server? Put what should bypass it into except or NO_PROXY.',
  ],
  'no-tls': [
    'tls_missing',
    'Something is listening there, but does not speak TLS.',
    'Correct the port in the record, or enable TLS (1.2 or newer) there; plain http works only on loopback.',
  ],
};

const FAULTS: Readonly<Record<ChainFault, LineCode>> = {
  'unknown-authority': 'certificate_untrusted',
  expired: 'certificate_expired',
  'not-yet-valid': 'certificate_early',
  'wrong-name': 'certificate_name',
  other: 'certificate_unusable',
};

const FIXES: Readonly<Record<ChainFault, string>> = {
  'unknown-authority':
    'Compare the fingerprints with those you get from the server’s administrator; then trust the certificate for this provider alone (certificates), or add the authority that signed it.',
  expired: 'Renew the certificate on the server. Trusting it would not help: its dates are still checked.',
  'not-yet-valid': 'Correct the clocks of both machines, or wait until the certificate becomes valid.',
  'wrong-name':
    'Use a name that the certificate is for, or get one for this name. Trusting it would not help.',
  other: 'Replace the certificate; the code says what the TLS library found.',
};

/** What else is wrong with an untrusted certificate, so that trusting it would not help. */
const obstacle = (fact: Untrusted, now: number): ChainFault | null => {
  const [own] = fact.chain;
  if (fact.fault !== 'unknown-authority') return fact.fault;
  if (own === undefined) return 'other';
  if (!fact.named) return 'wrong-name';
  if (own.until < now) return 'expired';
  return own.from > now ? 'not-yet-valid' : null;
};

/** The server's own certificate, and the one at the top of its chain. */
const trustableIn = ([own, ...others]: readonly Certificate[], now: number): readonly Certificate[] => {
  const top = others.at(-1);
  return [own, top].filter(
    (each) => each !== undefined && each.from <= now && now <= each.until,
  ) as Certificate[];
};

const untrusted = (origin: string, fact: Untrusted, now: number): Line => {
  const hopeless = obstacle(fact, now);
  const sentences: Readonly<Record<ChainFault, string>> = {
    'unknown-authority': 'Its certificate is not signed by an authority that this server trusts.',
    expired: 'Its certificate has expired.',
    'not-yet-valid': 'Its certificate is not valid yet.',
    'wrong-name': `Its certificate is for ${list(fact.chain[0]?.names ?? []) || 'no name'}.`,
    other: 'Its certificate can’t be used.',
  };
  const also = hopeless === null || hopeless === fact.fault ? '' : ` Besides: ${sentences[hopeless]}`;
  return line(FAULTS[fact.fault], origin, `${sentences[fact.fault]}${also}`, {
    cause: `The TLS library says ${fact.code}.`,
    fix: FIXES[hopeless ?? fact.fault],
    chain: fact.chain,
    trustable: hopeless === null ? trustableIn(fact.chain, now) : [],
  });
};

/** What it means that a connection came to this. It can be spoken over unless the line is red. */
export const judgeChannel = (origin: string, fact: ChannelFact, now: number): Line => {
  if (fact.kind === 'untrusted') return untrusted(origin, fact, now);
  if (fact.kind === 'plain') {
    return line(
      'channel_plain',
      origin,
      'It responds over plain HTTP, which is allowed only on this machine.',
    );
  }
  if (fact.kind === 'none') {
    const [code, sentence, fix] = NO_CHANNEL[fact.reason];
    return line(code, origin, sentence, { cause: `The connection ended with ${fact.code}.`, fix });
  }
  const [own] = fact.chain;
  if (own !== undefined && own.until - now < SOON) {
    return line('certificate_ends_soon', origin, 'Its certificate expires within two weeks.', {
      cause: `It is ${own.subject}.`,
      fix: 'Have it renewed in time; if the record trusts this certificate itself, add the new one there too.',
      chain: fact.chain,
    });
  }
  return line('channel_secure', origin, `It responds over ${fact.protocol} with a trusted certificate.`);
};

const originOf = (url: string): string => new URL(url).origin;

/** Where a fact is part of the address no one can look before someone connects. */
const originsOf = ({
  issuer,
  authorizationEndpoint,
  tokenEndpoint,
  revocation,
  ...more
}: Partial<Provider>) => {
  const revoking = revocation === undefined || revocation.kind === 'none' ? null : revocation.endpoint;
  const { api, apis = {}, refreshEndpoint } = more;
  const urls = [
    ...[issuer, authorizationEndpoint, tokenEndpoint, refreshEndpoint, revoking, api],
    ...Object.values(apis),
  ];
  return new Set(urls.flatMap((url) => (url && parseUrl(url) !== null ? [originOf(url)] : [])));
};

/** Resolves names and connects as the product itself would; keeps what was looked at so far, and which of it can be reached. */
export class Reachability {
  readonly #deps: Pick<AdminDeps, 'clock' | 'probe'>;
  readonly #reach: Reach;
  readonly #reachable = new Map<string, boolean>();

  constructor(deps: Pick<AdminDeps, 'clock' | 'probe'>, reach: Reach) {
    this.#deps = deps;
    this.#reach = reach;
  }

  can(url: string): boolean {
    return this.#reachable.get(originOf(url)) === true;
  }

  /** Looks at every origin of a record, as far as it is complete, that was not looked at before. */
  async *look(known: Partial<Provider>): AsyncGenerator<Line, void> {
    for (const origin of originsOf(known))
      if (!this.#reachable.has(origin)) this.#reachable.set(origin, yield* this.#lookAt(origin));
  }

  async *#lookAt(origin: string): AsyncGenerator<Line, boolean> {
    const { clock, probe } = this.#deps;
    const name = judgeName(origin, await probe.name(origin), this.#reach);
    yield name;
    if (name.light === 'red') return false;
    const channel = judgeChannel(origin, await probe.channel(origin, this.#reach), clock.now());
    yield channel;
    return channel.light !== 'red';
  }
}
