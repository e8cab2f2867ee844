import { type DryRunDeps, dryRun } from '../../../../src/admin/providers/dry-run/dry-run.js';
import type { Line } from '../../../../src/admin/providers/dry-run/line.js';
import type { AccessOutcome } from '../../../../src/connect/tokens/open-connection.js';
import type { AuditEvent } from '../../../../src/domain/audit-event.js';
import { Secret } from '../../../../src/domain/secret.js';
import type { Entry } from '../../../../src/domain/setup-record.js';
import { AddressGuards } from '../../../../src/net/address-guard.js';
import { Authorizer } from '../../../../src/providers/authorizer.js';
import { Discovery } from '../../../../src/providers/discovery.js';
import { Probe } from '../../../../src/providers/probe.js';
import type { Provider, ProviderDraft } from '../../../../src/providers/provider.js';
import { Metrics } from '../../../../src/server/metrics.js';
import { systemClock, systemDigest, systemEntropy } from '../../../../src/server/node-system.js';
import type { AuditStore } from '../../../../src/store/audit/audit-store.js';
import type { DryRunThrottle } from '../../../../src/store/rate-limits.js';
import { Upstream } from '../../../../src/upstream/upstream.js';
import { neverMisplaced } from '../../../support/misplaced.js';
import { providerAt } from '../../../upstream/setting.js';

export const SITE = 'https://oriel.example';
export const redirectUri = (id: string): string => `${SITE}/connect/callback/${id}`;
export const SECRET = 'S3cret-that-no-one-may-see';
export const client = { id: 'oriel', secret: new Secret(SECRET) };
export const admin = { kind: 'admin', id: 'a1', name: 'Ada' } as const;

/** A record of a server on loopback with our registration. */
export const record = (origin: string, given: Partial<Provider> = {}): Provider =>
  providerAt(origin, {
    client,
    allowAddresses: ['127.0.0.0/8', '::1/128'],
    accountPage: 'https://provider.example/apps',
    ...given,
  });

/** A dry run through the real adapters; what it may not know is chosen here. */
export const dryRuns = (
  given: {
    timeLimit?: number;
    own?: AccessOutcome;
    throttle?: Pick<DryRunThrottle, 'attempt'>;
    isStopped?: boolean;
    /** Where earlier attempts are recorded. */
    log?: Pick<AuditStore, 'list'>;
  } = {},
) => {
  const guards = new AddressGuards();
  const upstream = new Upstream({
    journal: { warn: () => {} },
    clock: systemClock,
    meter: new Metrics(systemClock.now),
    misplaced: neverMisplaced,
    maxStaleMs: () => 0,
    userAgent: 'Oriel/test',
  });
  const audited: AuditEvent[] = [];
  const tried = new Map<string, ProviderDraft>();
  const nothing = async (): Promise<readonly never[]> => [];
  const deps = {
    probe: new Probe(guards, given.timeLimit),
    authorizer: new Authorizer({ clock: systemClock, guards }),
    upstream,
    audit: { record: async (event: AuditEvent) => void audited.push(event) },
    stores: {
      audit: given.log ?? { list: nothing },
      setup: { all: nothing },
      fingerprints: { of: (secret: string) => secret, matches: () => false },
      clientStops: { isStopped: async () => given.isStopped ?? false },
      dryRunThrottle: given.throttle ?? { attempt: async () => null },
    },
    clock: systemClock,
    entropy: systemEntropy,
    digest: systemDigest,
    siteOrigin: SITE,
    discovery: new Discovery(guards, given.timeLimit),
    // Whatever is tried is what the file declares, already read.
    inForce: {
      file: () => ({
        file: 'oriel.yaml',
        hosts: {},
        providers: Object.fromEntries([...tried.keys()].map((id) => [id, {}])),
      }),
      read: ({ providers }: { readonly providers: object }) => ({
        hosts: [],
        providers: Object.keys(providers).flatMap((id) => tried.get(id) ?? []),
      }),
      faults: () => [],
    },
    directory: {
      provider(id: string) {
        const draft = tried.get(id);
        return given.own !== undefined && draft?.kind === 'complete' ? draft.provider : undefined;
      },
    },
    access: { fresh: async () => given.own ?? { kind: 'none' } },
  } as unknown as DryRunDeps;

  const lines = async (
    subject: Provider | ProviderDraft,
    more: { host?: string; entry?: Entry } = {},
  ): Promise<readonly Line[]> => {
    const draft: ProviderDraft = 'kind' in subject ? subject : { kind: 'complete', provider: subject };
    const { id } = draft.kind === 'complete' ? draft.provider : draft.draft;
    tried.set(id, draft);
    const found: Line[] = [];
    for await (const line of dryRun(deps, { id, ...more }, admin)) found.push(line);
    return found;
  };
  return {
    lines,
    audited,
    /** The codes of lines that are not green. */
    faults: async (subject: Provider | ProviderDraft): Promise<readonly string[]> =>
      (await lines(subject)).flatMap(({ light, code }) => (light === 'green' ? [] : [code])),
    close: () => upstream.close(),
  };
};

/** The line of that code; fails when there is none. */
export const lineOf = (lines: readonly Line[], code: Line['code']): Line => {
  const found = lines.find((each) => each.code === code);
  if (found === undefined) throw new Error(`no ${code} in ${lines.map((each) => each.code).join(', ')}`);
  return found;
};
