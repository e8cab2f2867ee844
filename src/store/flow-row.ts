import type { Flow, FlowFailure, FlowIntent, FlowStatus } from '../domain/flow.js';
import type { ConnectMode } from '../domain/host.js';
import type { ViewerProfile } from '../domain/viewer.js';
import type { Row } from './database.js';
import { account, integer, json, maybe, oneOf, text, viewer } from './rows.js';
import type { Place } from './seal.js';

/** In these somebody may still finish a flow. */
export const unfinished: readonly FlowStatus[] = [
  'begun',
  'opened',
  'redirected',
  'returned',
  'pending',
  'accepted',
];
const statuses: readonly FlowStatus[] = [...unfinished, 'active', 'superseded', 'cancelled', 'failed'];
const intents: readonly FlowIntent[] = ['connect', 'other-account'];
const modes: readonly ConnectMode[] = ['opener'];

const maybeText = maybe(text);
const maybeFailure = maybe(json<FlowFailure>);

export const flowOf = (row: Row): Flow => ({
  id: text(row, 'id'),
  viewer: viewer(row, 'viewer'),
  profile: json<ViewerProfile>(row, 'profile'),
  gadget: text(row, 'gadget'),
  provider: text(row, 'provider'),
  intent: oneOf(row, 'intent', intents),
  mode: oneOf(row, 'mode', modes),
  status: oneOf(row, 'status', statuses),
  scopes: json<readonly string[]>(row, 'scopes'),
  clientId: text(row, 'client_id'),
  redirectUri: maybeText(row, 'redirect_uri'),
  nonceHash: maybeText(row, 'nonce_hash'),
  account: account(row),
  failure: maybeFailure(row, 'failure'),
  startedAt: integer(row, 'started_at'),
  expiresAt: integer(row, 'expires_at'),
});

/** Where what a flow holds belongs. */
export const placeOf = (
  flow: Pick<Flow, 'id' | 'viewer' | 'provider'>,
  field: 'tokens' | 'verifier',
): Place => ({
  kind: 'flow',
  flow: flow.id,
  viewer: flow.viewer,
  provider: flow.provider,
  field,
  version: 0,
});
