import { randomUUID } from 'node:crypto';
import type { Person } from '../people.js';
import type { Handler } from '../site/web.js';
import { signHostToken } from './host-token.js';

/** What an application has to know of Oriel to frame its gadgets. */
export interface OrielSettings {
  readonly gadgetOrigin: string;
  /** The key that both sides know, at least 32 bytes of text. */
  readonly secret: string;
}

/** How an application frames gadgets. */
export interface HostFacts {
  /** Its id at Oriel. */
  readonly id: string;
  readonly application: string;
  /** Where its own pages ask who is looking. */
  readonly tokenUrl: string;
  readonly signInPath: string;
  /** The gadgets that its own pages frame; no token is signed for another. */
  readonly gadgets: readonly string[];
}

export interface OrielHost extends HostFacts {
  readonly gadgetOrigin: string;
  /** Makes a host token for a person and one gadget, good for `lifetime` seconds (at most 120). */
  makeToken(person: Person, gadget: string, lifetime: number): string;
}

export const orielHost = (oriel: OrielSettings, facts: HostFacts, now: () => number): OrielHost => ({
  ...facts,
  gadgetOrigin: oriel.gadgetOrigin,
  makeToken: ({ subject: sub, name, email }, gadget, lifetime) => {
    const iat = Math.floor(now() / 1000);
    const claims = {
      iss: facts.id,
      aud: oriel.gadgetOrigin,
      sub,
      iat,
      exp: iat + lifetime,
      jti: randomUUID(),
    };
    return signHostToken({ ...claims, name, email, gadget }, oriel.secret);
  },
});

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
  (ownOrigin: string, host: OrielHost): Handler =>
  (ctx) => {
    const refuse = (status: number, error: string): void => {
      ctx.status = status;
      ctx.body = { error };
    };
    ctx.set('Cache-Control', 'no-store');
    if (ctx.get('origin') !== ownOrigin) return refuse(403, 'Only our own pages may ask.');
    if (!ctx.is('application/json')) return refuse(415, 'JSON is expected.');
    if (!ctx.state.person) return refuse(401, 'No one is signed in.');
    const gadget = gadgetIn(ctx.state.body);
    if (!gadget || !host.gadgets.includes(gadget)) return refuse(400, 'This gadget is not framed here.');
    ctx.body = { token: host.makeToken(ctx.state.person, gadget, 60) };
  };
