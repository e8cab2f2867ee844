import { AppError } from '../domain/errors.js';
import type { HostClaims } from '../domain/frame-session.js';
import type { PurposeClaims, TokenPurpose } from '../domain/token-purpose.js';
import { viewerOf } from '../domain/viewer.js';
import type { Host } from './host.js';

/** Seconds. How far the host's clock and ours may be apart, and how long a token may be meant to live. */
export const LEEWAY = 30;
const LONGEST_LIFE = 120;
const LONGEST_LIFE_FOR_PURPOSE = 60;
const LONGEST_NAME = 255;

type Payload = Readonly<Record<string, unknown>>;

const invalid = (reason: string): AppError =>
  new AppError('token_invalid', 'The page’s application did not say who you are in a way we accept.', reason);

// Half a surrogate pair has no UTF-8: two texts that differ in one would be the same to every store.
const HALF_CHARACTER = /\p{Surrogate}/u;

const textClaim = (payload: Payload, name: string): string => {
  const value = payload[name];
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > LONGEST_NAME)
    throw invalid(`The claim “${name}” must be a text of 1 to ${LONGEST_NAME} bytes.`);
  if (HALF_CHARACTER.test(value)) throw invalid(`The claim “${name}” holds half of a character.`);
  return value;
};

const timeClaim = (payload: Payload, name: string): number => {
  const value = payload[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(`The claim “${name}” must be a time in whole seconds.`);
  return value;
};

const optionalText = (payload: Payload, name: string): string | null => {
  const value = payload[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`The claim “${name}” must be a text.`);
  return value;
};

// Control characters, and marks that would turn the direction of the page's own text.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const decoration = (payload: Payload, name: string, longest: number): string | null => {
  const text = optionalText(payload, name)?.replace(UNPRINTABLE, '').trim();
  return text ? [...text].slice(0, longest).join('') : null;
};

/** Locked parameters: a flat object; numbers and booleans are taken as a page's attribute would write them. */
const locks = (payload: Payload): Readonly<Record<string, string>> => {
  const value = payload.params;
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid('The claim “params” must be an object.');
  const entries = Object.entries(value).map(([name, each]): [string, string] => {
    if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean')
      throw invalid(`The locked parameter “${name.slice(0, 64)}” must be a text, a number or a boolean.`);
    return [name, String(each)];
  });
  return Object.fromEntries(entries);
};

const checkTimes = (payload: Payload, now: number, longest: number): number => {
  const issued = timeClaim(payload, 'iat');
  const expires = timeClaim(payload, 'exp');
  if (expires <= issued || expires - issued > longest)
    throw invalid(`“exp” must lie 1 to ${longest} seconds after “iat”; it lies ${expires - issued} after.`);
  if (issued > now + LEEWAY)
    throw invalid(
      `“iat” lies ${Math.round(issued - now)} seconds in our future: set the host’s clock or ours.`,
    );
  // RFC 7519 §4.1.5: optional, and binding where it is there.
  if (payload.nbf !== undefined && timeClaim(payload, 'nbf') > now + LEEWAY)
    throw invalid(
      `“nbf” lies ${Math.round(timeClaim(payload, 'nbf') - now)} seconds in our future: send a token that is valid now, or set the host’s clock or ours.`,
    );
  if (expires <= now - LEEWAY)
    throw new AppError(
      'token_expired',
      'The page’s application told us too long ago who you are. Please reload the page.',
      `“exp” passed ${Math.round(now - expires)} seconds ago, and “iat” is ${Math.round(now - issued)} seconds old: the host’s clock is slow (set it by NTP, or ours), or its token was not made for this launch.`,
    );
  return expires;
};

const wrongPurpose = (reason: string): AppError =>
  new AppError(
    'token_purpose',
    'The page’s application sent a proof that is meant for something else.',
    reason,
  );

const readCommon = (payload: Payload, host: Host, now: number, longest: number) => {
  const expires = checkTimes(payload, now / 1000, longest);
  return {
    viewer: viewerOf(host.id, textClaim(payload, 'sub')),
    jti: textClaim(payload, 'jti'),
    replayableUntil: (expires + LEEWAY) * 1000,
  };
};

const checkParties = (host: Host, audience: string, payload: Payload): void => {
  if (payload.iss !== host.id) throw invalid(`“iss” must be the host’s id, “${host.id}”.`);
  if (payload.aud !== audience) throw invalid(`“aud” must be exactly “${audience}”, as one text.`);
};

/**
 * The rules for a host token's claims beyond its signature (RFC 7519 §4.1, RFC 8725 §3.8–3.12): for us alone, from this host,
 * short-lived, used once, naming the viewer by a text. `now` is epoch milliseconds. Throws `token_*`.
 */
export const readClaims = (host: Host, audience: string, payload: Payload, now: number): HostClaims => {
  checkParties(host, audience, payload);
  if (payload.purpose !== undefined) throw wrongPurpose('A token with a “purpose” never launches a gadget.');
  return {
    ...readCommon(payload, host, now, LONGEST_LIFE),
    profile: { name: decoration(payload, 'name', 80), email: decoration(payload, 'email', 254) },
    gadget: optionalText(payload, 'gadget'),
    params: locks(payload),
    locale: optionalText(payload, 'locale'),
  };
};

/** As `readClaims`, for a token signed for exactly this purpose, which lives half as long. */
export const readPurposeClaims = (
  host: Host,
  audience: string,
  payload: Payload,
  now: number,
  purpose: TokenPurpose,
): PurposeClaims => {
  checkParties(host, audience, payload);
  if (payload.purpose !== purpose) throw wrongPurpose(`“purpose” must be “${purpose}” here.`);
  return {
    ...readCommon(payload, host, now, LONGEST_LIFE_FOR_PURPOSE),
    flowHash: purpose === 'connect' ? textClaim(payload, 'flow_hash') : null,
  };
};
