import { randomUUID } from 'node:crypto';
import type { Person } from '../people.js';
import type { Handler } from '../site/web.js';
import { signHostToken } from './host-token.js';

/** How this host is known to Oriel. */
export interface OrielSettings {
  readonly gadgetOrigin: string;
  /** The key that both sides know, at least 32 bytes of text. */
  readonly secret: string;
  /** Our host id there; by default `gocd`. */
  readonly host?: string;
}

/** The gadgets that our own pages frame; no token is signed for another. */
export const framedGadgets: readonly string[] = ['mingle-card-activity', 'mingle-cards'];

/** Makes a host token for a person and one gadget, good for `lifetime` seconds (at most 120). */
export type MakeHostToken = (person: Person, gadget: string, lifetime: number) => string;

export const hostTokens = (oriel: OrielSettings, now: () => number): MakeHostToken => {
  const { gadgetOrigin, secret, host = 'gocd' } = oriel;
  return (person, gadget, lifetime) => {
    const iat = Math.floor(now() / 1000);
    const { subject: sub, name, email } = person;
    const claims = { iss: host, aud: gadgetOrigin, sub, iat, exp: iat + lifetime, jti: randomUUID() };
    return signHostToken({ ...claims, name, email, gadget }, secret);
  };
};

const gadgetIn = (body: string): string | null => {
  try {
    const asked: unknown = JSON.parse(body);
    const gadget = typeof asked === 'object' && asked !== null && 'gadget' in asked ? asked.gadget : null;
    return typeof gadget === 'string' ? gadget : null;
  } catch {
    return null;
  }
};

/** `POST {gadget, params}` → `{token}` for the person who is signed in here: only from our own pages, 401 without a session. */
export const tokenEndpointForOriel =
  (ownOrigin: string, makeToken: MakeHostToken): Handler =>
  (ctx) => {
    const refuse = (status: number, error: string): void => {
      ctx.status = status;
      ctx.body = { error };
    };
    ctx.set('Cache-Control', 'no-store');
    if (ctx.get('origin') !== ownOrigin) return refuse(403, 'Only our own pages may ask.');
    if (!ctx.is('application/json')) return refuse(415, 'JSON is expected.');
    if (!ctx.state.person) return refuse(401, 'Nobody is signed in.');
    const gadget = gadgetIn(ctx.state.body);
    if (!gadget || !framedGadgets.includes(gadget)) return refuse(400, 'This gadget is not framed here.');
    ctx.body = { token: makeToken(ctx.state.person, gadget, 60) };
  };
