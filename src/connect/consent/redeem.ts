import type { Account, TokenSet } from '../../domain/connection.js';
import type { Data } from '../../domain/data.js';
import type { Flow, FlowStatus } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { boundOrigins, originsOf, type Provider } from '../../providers/provider.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ASKING, withdrawal } from '../ending/revoke-tokens.js';
import { asUnwanted, takingBack } from '../ending/take-back.js';
import { clientsOf } from '../tokens/clients.js';
import {
  ACCOUNT_UNKNOWN,
  CHANGED_MEANWHILE,
  type FlowEnd,
  notRedeemed,
  STOPPED,
  TOO_LATE,
} from './consent-failures.js';
import { hindranceOf } from './hindrance.js';

/** Ends a flow that stands at `from`. */
export type End = (flow: Flow, from: FlowStatus, end: FlowEnd) => Promise<void>;

/**
 * Trades the code for tokens (RFC 6749 §4.1.3) and asks the provider whose they are; the flow then holds them until a person says
 * yes. The flow's own step is taken first, so a code is sent at most once, however often the callback is visited.
 */
export const redemption = (ports: ConnectPorts) => {
  const { authorizer, clock, directory, upstream } = ports;
  const { connections, flows } = ports.stores;
  const clients = clientsOf(ports);
  const takeBack = takingBack(ports);
  const withdraw = withdrawal(ports);

  /** `account` is null where the provider does not tell; `ended` where it should have told and did not. */
  const accountOf = async (
    provider: Provider,
    tokens: TokenSet,
  ): Promise<{ readonly account: Account | null } | { readonly ended: FlowEnd }> => {
    if (provider.account === 'none') return { account: null };
    const { target, format, id, label } = provider.account;
    const bound = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
    const answer = await upstream.ask(provider, bound, { target, format });
    if (answer.kind !== 'data') return { ended: ACCOUNT_UNKNOWN(provider, answer) };
    const found = textAt(answer.data, id);
    if (found === null) return { ended: ACCOUNT_UNKNOWN(provider, answer) };
    const labels = label.split(',').map((path) => textAt(answer.data, path));
    return { account: { id: found, label: labels.find((text) => text !== null) ?? found } };
  };

  /** Holds the tokens under the account they belong to; tokens that cannot be held are taken back. */
  const hold = async (flow: Flow, provider: Provider, tokens: TokenSet) => {
    const told = await accountOf(provider, tokens);
    const account = 'account' in told ? told.account : null;
    const of = { ...flow, account, since: flow.startedAt };
    if ('ended' in told) {
      await takeBack(tokens, of);
      return told.ended;
    }
    const unwanted = asUnwanted(ports, tokens, of, ASKING);
    if ((await flows.hold(flow.id, tokens, account, clock.now(), unwanted)) !== null) return null;
    const kept = await connections.byId(unwanted.id);
    if (kept !== null) await withdraw(kept);
    return TOO_LATE;
  };

  /** Null when the flow now holds tokens, otherwise how it ends. */
  const trade = async (
    flow: Flow,
    provider: Provider,
    grant: { readonly code: Secret; readonly verifier: Secret | null },
  ): Promise<FlowEnd | null> => {
    const hindrance = hindranceOf(directory, flow);
    if (hindrance !== null) return hindrance;
    const client = clients.same(provider, flow.viewer.host, flow.clientId);
    if (client === null || flow.redirectUri === null) return CHANGED_MEANWHILE(provider);
    if (await clients.isStopped(provider, client)) return STOPPED(provider);
    const askedAt = clock.now();
    const outcome = await authorizer.redeem(provider, client, { ...grant, redirectUri: flow.redirectUri });
    if (outcome.kind === 'tokens') {
      // Nothing comes before the tokens are written down: a server that is killed in between would lose them.
      const ended = await hold(flow, provider, { ...outcome.tokens, origins: originsOf(provider) });
      await clients.trust(provider, client);
      return ended;
    }
    // `unauthorized_client` may be about this code, which came through a viewer's browser: it must not stop everybody.
    if (outcome.kind === 'invalid-client' && outcome.code === 'invalid_client')
      await clients.stop(provider, client, outcome.code, askedAt);
    return notRedeemed(provider, outcome);
  };

  /** Whether the code was traded, and the flow now waits for its viewer's yes. */
  return async (begun: Flow, provider: Provider, code: string, end: End): Promise<boolean> => {
    const returned = await flows.giveBack(begun.id, clock.now());
    // Its answer came before, perhaps by Back and once more: the browser is shown how far that got.
    if (returned === null) return false;
    const { flow, verifier } = returned;
    const ended = await trade(flow, provider, { code: new Secret(code), verifier });
    if (ended !== null) await end(flow, 'returned', ended);
    return ended === null;
  };
};

const LONGEST_NAME = 255;

/** The text or number at a dot-separated path; null when there is none, or none that can name an account. */
export const textAt = (data: Data, path: string): string | null => {
  let here: Data | undefined = data;
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null) return null;
    if (Array.isArray(here)) here = here[Number(name)];
    else here = Object.hasOwn(here, name) ? (here as { readonly [key: string]: Data })[name] : undefined;
    if (here === undefined) return null;
  }
  const text = typeof here === 'number' ? String(here) : here;
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_NAME ? text : null;
};
