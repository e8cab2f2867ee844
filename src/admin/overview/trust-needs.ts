import { type ApiKey, isGood } from '../../domain/administrator.js';
import type { Attention, AttentionPorts } from './attention.js';

/** How long a gap of the audit log is news, ms. */
const NEWS = 7 * 24 * 60 * 60_000;
/** More gaps than this are one great gap. */
const GAPS = 100;

const orphaned = ({ name, createdBy }: ApiKey): Attention => ({
  kind: 'warning',
  code: 'api_key_orphaned',
  message: `The API key ${name} goes back to an administrator who is none any more (it was made by ${createdBy}), and is still good.`,
  mend: 'Whoever made it may know it. Revoke it; where a program needs it, make that another one first.',
  to: { kind: 'api-keys' },
  since: null,
});

/** API keys outlive whoever made them: programs that others rely on must not stop with a person. */
const keys = async ({ stores, clock }: AttentionPorts): Promise<readonly Attention[]> => {
  const here = new Set((await stores.admins.list()).map(({ id }) => id));
  return (await stores.apiKeys.list())
    .filter((key) => isGood(key, clock.now()))
    .filter(({ createdByAdmin }) => createdByAdmin !== null && !here.has(createdByAdmin))
    .map(orphaned);
};

const gap = async ({ stores, clock }: AttentionPorts): Promise<readonly Attention[]> => {
  const filter = { actions: ['audit.interrupted'], from: clock.now() - NEWS } as const;
  const gaps = await stores.audit.list(filter, { before: null, limit: GAPS });
  if (gaps.length === 0) return [];
  const lost = gaps.reduce((sum, { times }) => sum + times, 0);
  return [
    {
      kind: 'warning',
      code: 'audit_interrupted',
      message: `${lost === 1 ? 'An entry' : `${lost} entries`} of the audit log could not be written within the last week.`,
      mend: 'The database did not take them: look at its disk. What they would have said is in the log of the server alone, as `audit-not-written`: keep it.',
      to: { kind: 'audit' },
      since: gaps.at(-1)?.at ?? null,
    },
  ];
};

/** What makes it uncertain who did something, or who still can. */
export const trustNeeds = async (ports: AttentionPorts): Promise<readonly Attention[]> => [
  ...(await gap(ports)),
  ...(await keys(ports)),
];
