import type { Connection, ConnectionId } from '../../src/domain/connection.js';
import type { CallOutcome } from '../../src/domain/meter.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { originsOf, type Provider } from '../../src/providers/provider.js';
import { Upstream, type UpstreamOptions } from '../../src/upstream/upstream.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from '../../src/upstream/upstream-call.js';
import { neverMisplaced } from '../support/misplaced.js';
import { providerFixture } from '../support/provider-fixture.js';
import { TestClock } from '../support/test-clock.js';

export const NOW = 1_800_000_000_000;

/** Origins of all providers of a test's file: people agreed to each of them. */
const known: string[] = [];

export const providerAt = (origin: string, given: Partial<Provider> = {}): Provider => {
  const made = providerFixture({ origin, allowAddresses: ['127.0.0.0/8'], ...given });
  known.push(...originsOf(made));
  return made;
};

const connectionOf = (name: string, given: Partial<Connection>): Connection => ({
  id: name as ConnectionId,
  viewer: viewerOf('gocd', name),
  provider: 'mingle',
  clientId: 'client',
  account: null,
  scopes: [],
  facts: {},
  status: 'active',
  reason: null,
  generation: 1,
  version: 1,
  flow: 'flow',
  flowStartedAt: NOW,
  createdAt: NOW,
  lastUsedAt: NOW,
  expiresAt: null,
  leaseUntil: null,
  leaseOwner: null,
  refreshIntentAt: null,
  refreshedAt: null,
  setback: null,
  ...given,
});

/** One person's right to call: the token says which person. */
export const accessOf = (name: string, given: Partial<Connection> = {}, origins = known): Access => ({
  connection: connectionOf(name, given),
  token: new Secret(`token-of-${name}`),
  origins,
});

export const requestTo = (provider: Provider, given: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  provider,
  target: '/cards',
  prefix: '/api/',
  accept: 'application/json',
  format: 'json',
  ttl: 30,
  pages: null,
  gadgetVersion: 'v1',
  ...given,
});

export const openUpstream = (given: Partial<UpstreamOptions> = {}) => {
  const clock = new TestClock();
  const calls: CallOutcome[] = [];
  const called = (_: string, outcome: CallOutcome) => void calls.push(outcome);
  const meter = { called, answered: () => {} };
  const upstream = new Upstream({
    clock,
    meter,
    journal: { warn: () => {} },
    misplaced: neverMisplaced,
    maxStaleMs: () => 300_000,
    userAgent: 'Oriel/test',
    ...given,
  });
  return { clock, calls, upstream, caches: upstream.caches, close: () => upstream.close() };
};

/** The data of an outcome that must be data. */
export const dataOf = (outcome: UpstreamOutcome): unknown => {
  if (outcome.kind !== 'data') throw new Error(`no data but ${JSON.stringify(outcome)}`);
  return outcome.data;
};
