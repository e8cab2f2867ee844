import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** DER's tag, length and content (X.690 §8.1). */
const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/\D/g, '')}Z`));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const SUBJECT_ALTERNATIVE_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';
const DAY = 24 * 60 * 60_000;

/** A key and its certificate, both PEM. */
export interface Issued {
  readonly key: string;
  readonly cert: string;
}

/** An authority: who it is, and what it signs with. */
interface Issuer extends Issued {
  readonly name: string;
}

interface Wanted {
  /** What it is for; the first is its subject. */
  readonly names: readonly string[];
  /** Days from now; by default from yesterday for a week. */
  readonly from?: number;
  readonly until?: number;
  /** Who signs it; by default itself. */
  readonly by?: Issuer;
  readonly authority?: boolean;
}

const called = (name: string): Buffer => sequence(set(sequence(oid(COMMON_NAME), utf8(name))));
const inDays = (days: number): Date => new Date(Date.now() + days * DAY);

/** A key and a certificate (RFC 5280 §4.1); no tool of the machine is needed. */
export const certificate = ({ names, from = -1, until = 7, by, authority = false }: Wanted): Issued => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [name = 'test'] = names;
  const alternatives = sequence(...names.map((each) => der(0x82, Buffer.from(each))));
  const constraints = sequence(...(authority ? [der(0x01, Buffer.from([255]))] : []));
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const unsigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    called(by?.name ?? name),
    sequence(utcTime(inDays(from)), utcTime(inDays(until))),
    called(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(oid(SUBJECT_ALTERNATIVE_NAME), der(0x04, alternatives)),
        sequence(oid(BASIC_CONSTRAINTS), der(0x04, constraints)),
      ),
    ),
  );
  const signature = sign('sha256', unsigned, by?.key ?? privateKey);
  const whole = sequence(unsigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
};

/** An untrusted certificate for these names, valid for a week. */
export const selfSigned = (...names: readonly string[]): Issued => certificate({ names });

/** An unknown authority. */
export const privateAuthority = (name: string): Issuer => ({
  name,
  ...certificate({ names: [name], authority: true }),
});
