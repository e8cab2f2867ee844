import type { ConnectionFacts } from '../../domain/connection.js';
import {
  type Flow,
  type FlowFailure,
  type FlowIntent,
  type FlowMode,
  type FlowStatus,
  UNFINISHED,
} from '../../domain/flow.js';
import type { ViewerId, ViewerProfile } from '../../domain/viewer.js';
import type { Row } from '../engine/database.js';
import { account, integer, json, maybe, oneOf, text, viewer } from '../engine/rows.js';
import type { Place } from '../sealing/seal.js';

type StoredStatus = Exclude<FlowStatus, 'started'> | 'begun';

/** A status as the database has it: `started` is `begun` there, which servers of earlier versions know. */
export const storedStatus = (status: FlowStatus): StoredStatus => (status === 'started' ? 'begun' : status);

/** Statuses, as the database has them, in which a flow can still be finished. */
export const STORED_UNFINISHED = UNFINISHED.map(storedStatus);

const statuses: readonly StoredStatus[] = [
  ...STORED_UNFINISHED,
  'active',
  'superseded',
  'cancelled',
  'failed',
];

const statusOf = (row: Row): FlowStatus => {
  const stored = oneOf(row, 'status', statuses);
  return stored === 'begun' ? 'started' : stored;
};

const intents: readonly FlowIntent[] = ['connect', 'other-account', 'visit'];
const modes: readonly FlowMode[] = ['opener', 'reauth', 'code', 'session'];

const maybeText = maybe(text);
const maybeInteger = maybe(integer);
const maybeFailure = maybe(json<FlowFailure>);

const codeOf = (row: Row): Flow['code'] => {
  const expiresAt = maybeInteger(row, 'code_expires_at');
  return expiresAt === null ? null : { expiresAt, tries: integer(row, 'code_tries') };
};

const declinedOf = (row: Row): Flow['declined'] =>
  row.declined_account === null ? null : { account: json<string | null>(row, 'declined_account') };

export const flowOf = (row: Row): Flow => ({
  id: text(row, 'id'),
  viewer: viewer(row, 'viewer'),
  profile: json<ViewerProfile>(row, 'profile'),
  gadget: text(row, 'gadget'),
  provider: text(row, 'provider'),
  intent: oneOf(row, 'intent', intents),
  mode: oneOf(row, 'mode', modes),
  status: statusOf(row),
  scopes: json<readonly string[]>(row, 'scopes'),
  clientId: text(row, 'client_id'),
  redirectUri: maybeText(row, 'redirect_uri'),
  nonceHash: maybeText(row, 'nonce_hash'),
  vouchedFor: maybeText(row, 'vouched_for') as ViewerId | null,
  account: account(row),
  facts: json<ConnectionFacts>(row, 'facts'),
  declined: declinedOf(row),
  code: codeOf(row),
  failure: maybeFailure(row, 'failure'),
  further: json<readonly string[]>(row, 'further'),
  after: maybeText(row, 'after_provider'),
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
