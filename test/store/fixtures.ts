import type { Connection, ConnectionId, TokenSet } from '../../src/domain/connection.js';
import { FLOW_LIFE, type Flow, TICKET_LIFE } from '../../src/domain/flow.js';
import { FRAME_SESSION_LIFE, type FrameSession } from '../../src/domain/frame-session.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import type { NewFlow } from '../../src/store/flows/flow-store.js';
import type { NewFrameSession } from '../../src/store/frame-session-store.js';
import type { SealingKey } from '../../src/store/sealing/sealing-key.js';
import type { Stores } from '../../src/store/stores.js';

/** The moment at which the tests start, by their own clock. */
export const NOW = 1_800_000_000_000;
export const ada = viewerOf('gocd', 'ada');
export const bob = viewerOf('gocd', 'bob');

export const keyRing = (...ids: readonly string[]): readonly SealingKey[] =>
  ids.map((id) => ({ id, key: new Secret(Buffer.alloc(32, id).toString('base64url')) }));

type NewTicket = Parameters<Stores['tickets']['put']>[0];

export const tokenSet = (name: string, given: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: new Secret(`access-${name}`),
  refreshToken: new Secret(`refresh-${name}`),
  issuedAt: NOW,
  expiresAt: NOW + 3_600_000,
  scopes: null,
  ...given,
});

/** What a TokenSet says, to be compared: a Secret hides it. */
export const revealed = (tokens: TokenSet | null) =>
  tokens && {
    ...tokens,
    accessToken: tokens.accessToken.reveal(),
    refreshToken: tokens.refreshToken?.reveal() ?? null,
  };

export const newFlow = (id: string, given: Partial<NewFlow> = {}): NewFlow => ({
  id,
  viewer: ada,
  profile: { name: 'Ada \u0000 Lovelace', email: null },
  gadget: 'mingle-cards',
  provider: 'mingle',
  intent: 'connect',
  mode: 'opener',
  scopes: ['read'],
  clientId: 'client-1',
  startedAt: NOW,
  expiresAt: NOW + FLOW_LIFE,
  ticketHash: `ticket-of-${id}`,
  ticketExpiresAt: NOW + TICKET_LIFE,
  ...given,
});

const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('The store refused a step the test takes for granted.');
  return value;
};

/** The steps from a new flow up to a status. */
export const flowTo = (stores: Stores) => {
  const opened = async (flow: NewFlow): Promise<Flow> => {
    await stores.flows.create(flow);
    const { ticketHash, mode } = flow;
    return must(
      await stores.flows.open({ ticketHash, modes: [mode], nonceHash: `nonce-of-${flow.id}`, now: NOW }),
    );
  };
  const redirected = async (
    flow: NewFlow,
    verifier: Secret | null = new Secret('verifier'),
  ): Promise<Flow> => {
    await opened(flow);
    const step = { id: flow.id, nonceHash: `nonce-of-${flow.id}`, from: 'opened' as const, verifier };
    const stateHash = `state-of-${flow.id}`;
    return must(
      await stores.flows.redirect({ ...step, stateHash, redirectUri: 'https://o.test/cb', now: NOW }),
    );
  };
  const pending = async (flow: NewFlow, tokens = tokenSet(flow.id)): Promise<Flow> => {
    await redirected(flow);
    must(await stores.flows.giveBack(flow.id, NOW));
    return must(await stores.flows.hold(flow.id, tokens, null, NOW));
  };
  const accepted = async (flow: NewFlow, tokens = tokenSet(flow.id)): Promise<Flow> => {
    await pending(flow, tokens);
    return must(await stores.flows.accept(flow.id, `nonce-of-${flow.id}`, NOW));
  };
  return { opened, redirected, pending, accepted };
};

/** An active Connection by way of an accepted flow, which is left as `accepted`. */
export const connect = async (
  stores: Stores,
  flow: NewFlow,
  given: { readonly tokens?: TokenSet; readonly account?: string; readonly now?: number } = {},
): Promise<Connection> => {
  const tokens = given.tokens ?? tokenSet(flow.id);
  const account = given.account === undefined ? null : { id: given.account, label: `@${given.account}` };
  const accepted = await flowTo(stores).accepted(flow, tokens);
  const id = `connection-of-${flow.id}` as ConnectionId;
  const made = { id, flow: accepted, tokens, account, scopes: ['read'], now: given.now ?? NOW };
  return must(await stores.connections.activate({ ...made, ...aside(flow.id) }));
};

/** Under which name the tokens of another account are set aside that a flow’s Connection replaces. */
export const aside = (flow: string) => ({
  replacedAs: `replaced-by-${flow}` as ConnectionId,
  replacedLease: { holder: `who replaced by ${flow}`, until: NOW },
});

export const frameSession = (id: string, given: Partial<FrameSession> = {}): FrameSession => ({
  id,
  viewer: ada,
  profile: { name: 'Ada', email: 'ada@example.com' },
  gadget: 'mingle-cards',
  parameters: { project: 'apollo', cards: [1, 2] },
  locks: '[["project","apollo"]]',
  choices: {},
  locale: 'en-GB',
  timeZone: 'Europe/London',
  launchedAt: NOW,
  expiresAt: NOW + FRAME_SESSION_LIFE,
  ...given,
});

export const newTicket = (ticketHash: string, given: Partial<NewTicket> = {}): NewTicket => ({
  ...{ ticketHash, viewer: ada, name: null, now: NOW, expiresAt: NOW + 60_000 },
  ...given,
});

export const newFrameSession = (session: FrameSession, jti: string): NewFrameSession => ({
  session,
  bearerHash: `bearer-of-${session.id}`,
  jti,
  replayableUntil: NOW + 150_000,
});
