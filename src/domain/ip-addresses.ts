import ipaddr from 'ipaddr.js';

/** An IP address as a number of 32 or 128 bits. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A CIDR range: every address whose first `prefix` bits are those of `base`. */
export interface AddressRange {
  readonly bits: 32 | 128;
  readonly base: bigint;
  readonly prefix: number;
}

const toBigInt = (bytes: readonly number[]): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** Four decimal numbers without leading zeros (which some read as octal), or RFC 4291 §2.2; a zone names an interface of this machine. */
const parseAddress = (text: string): Address | null => {
  const { IPv4, IPv6 } = ipaddr;
  if (IPv4.isValidFourPartDecimal(text)) return { bits: 32, value: toBigInt(IPv4.parse(text).toByteArray()) };
  const tail = text.slice(text.lastIndexOf(':') + 1);
  if (text.includes('%') || (tail.includes('.') && !IPv4.isValidFourPartDecimal(tail))) return null;
  return IPv6.isValid(text) ? { bits: 128, value: toBigInt(IPv6.parse(text).toByteArray()) } : null;
};

/** Reads `10.0.0.0/8`, `::1/128` or a single address; null when it is neither. Bits beyond the prefix are ignored. */
export const parseRange = (text: string): AddressRange | null => {
  const [literal = '', length, ...rest] = text.split('/');
  const address = parseAddress(literal);
  if (address === null || rest.length > 0) return null;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return null;
  const prefix = length === undefined ? address.bits : Number(length);
  return prefix > address.bits ? null : { bits: address.bits, base: address.value, prefix };
};

const covers = (range: AddressRange, address: Address): boolean => {
  const rest = BigInt(range.bits - range.prefix);
  return range.bits === address.bits && range.base >> rest === address.value >> rest;
};

const ranges = (...texts: readonly string[]): readonly AddressRange[] =>
  texts.flatMap((text) => parseRange(text) ?? []);

/*
 * Where a provider has no business being (RFC 6890 and its registries). Of IPv6 only 2000::/3 is handed out to the public, so
 * everything outside of it is refused at once: loopback, unique local, link-local, multicast, discard, NAT64.
 */
const refused = ranges(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
);

/** Where clouds hand their machines' credentials to anyone who asks. */
const metadata = ranges(
  ...[
    '169.254.169.254',
    '169.254.170.2',
    '169.254.170.23',
    '169.254.0.23',
    '169.254.42.42',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
  ...['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
);

const mapped = ranges('::ffff:0:0/96');

/** Ranges that carry an IPv4 address, with the position of its lowest bit; Teredo keeps it inverted (RFC 4380 §4). */
const carriers = [
  { ranges: mapped, shift: 0n, invert: 0n },
  { ranges: ranges('64:ff9b::/96', '64:ff9b:1::/48', '::ffff:0:0:0/96'), shift: 0n, invert: 0n },
  { ranges: ranges('2002::/16'), shift: 80n, invert: 0n },
  { ranges: ranges('2001::/32'), shift: 0n, invert: 0xffffffffn },
] as const;

const within = (list: readonly AddressRange[], address: Address): boolean =>
  list.some((range) => covers(range, address));

/** IPv4-compatible addresses (RFC 4291 §2.5.5.1), and the prefix of NAT64 whose length each network chooses for itself (RFC 8215). */
const compatible = ranges('::/96');
const localUse = ranges('64:ff9b:1::/48');
/** How the middle of an ISATAP address reads (RFC 5214 §6.1). */
const ISATAP: ReadonlySet<bigint> = new Set([0x5efen, 0x2005efen]);

const LOW = 0xffffffffn;

/** What may be an IPv4 address inside of this one, by some network's reading: RFC 6052 §2.2 has one for each length of a prefix. */
const readings = (address: Address): readonly bigint[] => {
  const { bits, value } = address;
  if (bits === 32) return [];
  if (within(compatible, address) || ISATAP.has((value >> 32n) & LOW)) return [value & LOW];
  if (!within(localUse, address)) return [];
  const at = (shift: bigint, mask: bigint): bigint => (value >> shift) & mask;
  return [
    (at(64n, 0xffffn) << 16n) | at(40n, 0xffffn),
    (at(64n, 0xffn) << 24n) | at(32n, 0xffffffn),
    at(24n, LOW),
  ];
};

/** Whether this is the address of a metadata service, or may be read as one. */
const isMetadata = (address: Address): boolean =>
  within(metadata, address) || readings(address).some((value) => within(metadata, { bits: 32, value }));

const carried = (address: Address): Address | null => {
  const carrier = carriers.find((candidate) => within(candidate.ranges, address));
  if (carrier === undefined) return null;
  return { bits: 32, value: ((address.value >> carrier.shift) & 0xffffffffn) ^ carrier.invert };
};

const mayCall = (address: Address, allow: readonly AddressRange[]): boolean => {
  if (isMetadata(address)) return false;
  const inner = carried(address);
  if (inner !== null && !mayCall(inner, allow)) return false;
  return within(mapped, address) || within(allow, address) || !within(refused, address);
};

/** What a record allows is asked about at each of its calls, and read once. */
const known = new WeakMap<readonly string[], readonly AddressRange[]>();

const rangesOf = (texts: readonly string[]): readonly AddressRange[] => {
  const read = known.get(texts) ?? ranges(...texts);
  known.set(texts, read);
  return read;
};

/**
 * Whether a provider may be called at this address. Loopback, private, link-local, multicast, documentation and tunnelled
 * addresses are refused unless one of `allow` (CIDR) covers them; addresses of metadata services, and whatever carries one
 * inside, always are. What is not an address is refused.
 */
export const isCallable = (address: string, allow: readonly string[]): boolean => {
  const parsed = parseAddress(address);
  return parsed !== null && mayCall(parsed, rangesOf(allow));
};

const overlap = (one: AddressRange, other: AddressRange): AddressRange | null => {
  const [wide, narrow] = one.prefix <= other.prefix ? [one, other] : [other, one];
  return covers(wide, { bits: narrow.bits, value: narrow.base }) ? narrow : null;
};

const halves = ({ bits, base, prefix }: AddressRange): readonly AddressRange[] => {
  const bit = 1n << BigInt(bits - prefix - 1);
  return [base & ~bit, base | bit].map((each) => ({ bits, base: each, prefix: prefix + 1 }));
};

/** Whether every address of a range is in one of `bound`, which together may cover what none does alone. */
const isCovered = (range: AddressRange, bound: readonly AddressRange[]): boolean => {
  const meeting = bound.filter((each) => overlap(each, range) !== null);
  if (meeting.some(({ prefix }) => prefix <= range.prefix)) return true;
  return meeting.length > 0 && halves(range).every((half) => isCovered(half, meeting));
};

/**
 * Whether a range (CIDR) stays within `bound` as far as it is private: public addresses are reached without being allowed, and count for
 * nothing. What is no range stays within nothing.
 */
export const isWithin = (range: string, bound: readonly string[]): boolean => {
  const given = parseRange(range);
  const outer = ranges(...bound);
  return (
    given !== null &&
    refused.flatMap((each) => overlap(each, given) ?? []).every((each) => isCovered(each, outer))
  );
};

/** Every address there is, but for those that are never called. */
export const ANYWHERE: readonly string[] = ['0.0.0.0/0', '::/0'];

/** This machine itself. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** Whether a host, as `URL.hostname` gives it, is a literal address: no name is looked up for it. */
export const literalAddress = (hostname: string): string | null => {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return parseAddress(bare) === null ? null : bare;
};

/**
 * The network that an address belongs to: its first bits, as many as `prefix` says for its version, as a text to compare by. An IPv4
 * address inside of an IPv6 one counts as itself. What is no address is a network of its own.
 */
export const networkOf = (address: string, prefix: { readonly v4: number; readonly v6: number }): string => {
  const given = parseAddress(address.replace(/%.*$/, ''));
  if (given === null) return address;
  const { bits, value } = within(mapped, given) ? (carried(given) ?? given) : given;
  const length = bits === 32 ? prefix.v4 : prefix.v6;
  return `${(value >> BigInt(bits - length)).toString(16)}/${length}${bits === 32 ? '' : ' of IPv6'}`;
};

const loopback = ranges(...LOOPBACK);

/** Whether an address is in this range (CIDR), or is this address; false of what is no range. */
export const isInRange = (address: string, range: string): boolean => {
  const parsed = parseAddress(address);
  const given = parseRange(range);
  return parsed !== null && given !== null && covers(given, parsed);
};

/** Whether a host, as `URL.hostname` gives it, is this machine itself (RFC 6761 §6.3). */
export const isLoopbackHost = (hostname: string): boolean => {
  const address = parseAddress(literalAddress(hostname) ?? '');
  const meant = address && (carried(address) ?? address);
  return /^(?:.*\.)?localhost\.?$/.test(hostname) || (meant !== null && within(loopback, meant));
};

/** Whether tokens may travel there: over TLS anywhere, in clear only to this machine itself (RFC 6750 §5.3). */
export const isProtected = (url: Pick<URL, 'protocol' | 'hostname'>): boolean => {
  if (url.protocol === 'https:') return true;
  if (url.protocol !== 'http:') return false;
  const address = parseAddress(literalAddress(url.hostname) ?? '');
  return url.hostname === 'localhost' || (address !== null && within(loopback, address));
};
