import type { FlowNonces } from '../../connect/connect-deps.js';
import { FLOW_LIFE } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import type { Context } from '../context.js';
import { hostPrefix, setSecure } from '../cookies.js';

/** The cookies that bind flows to a browser: one for each flow, so that two tabs cannot overwrite each other's (T14). */
export interface FlowCookies {
  read(ctx: Context): FlowNonces;
  write(ctx: Context, flow: string, nonce: Secret): void;
}

const VALUE = /^[\w-]{43}$/;

export const flowCookies = (siteOrigin: string): FlowCookies => {
  const prefix = `${hostPrefix(siteOrigin)}oriel-flow-`;
  const nameOf = (flow: string): string => prefix + flow.slice(0, 8);
  const noncesIn = (header: string): ReadonlyMap<string, Secret> => {
    const nonces = new Map<string, Secret>();
    for (const pair of header.split(';')) {
      const [name = '', value = ''] = pair.trim().split('=', 2);
      if (name.startsWith(prefix) && VALUE.test(value)) nonces.set(name, new Secret(value));
    }
    return nonces;
  };
  return {
    read(ctx) {
      const nonces = noncesIn(ctx.get('Cookie'));
      return { of: (flow) => nonces.get(nameOf(flow)) ?? null, all: () => [...nonces.values()] };
    },
    write(ctx, flow, nonce) {
      ctx.cookies.set(nameOf(flow), nonce.reveal(), {
        secure: setSecure(ctx, siteOrigin),
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        maxAge: FLOW_LIFE,
        signed: false,
      });
    },
  };
};
