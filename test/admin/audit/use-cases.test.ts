import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayOf, toAuditFilter } from '../../../src/admin/audit/audit-search.js';
import { sentenceOf } from '../../../src/admin/audit/audit-sentence.js';
import { exportAudit, verifyAudit } from '../../../src/admin/audit/use-cases.js';
import { AUDIT_ACTIONS, type AuditEntry, type AuditEvent } from '../../../src/domain/audit-event.js';
import { alice, type ConnectSetup, NOW, setUpConnect } from '../../connect/connect-setup.js';

const ANNA = { kind: 'admin', id: 'a1', name: 'Anna' } as const;
const change: AuditEvent = { action: 'host.changed', by: ANNA, outcome: 'done', host: 'gocd' };

const linesOf = async (lines: AsyncIterable<string>): Promise<readonly string[]> => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

describe('Exporting the audit log', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  it('returns every entry, its own last, in lines from which anyone can recompute the chain', async () => {
    for (let n = 0; n < 1200; n += 1)
      await setup.stores.audit.append(
        { ...change, subject: `n${n}`, viewer: alice, changes: [{ path: 'p', before: 'ä"', after: null }] },
        NOW + n,
      );
    const lines = await linesOf(await exportAudit(setup.ports, {}, ANNA, 'r1'));
    expect(lines).toHaveLength(1201);
    let previous = '';
    for (const line of lines) {
      const { seq, at, action, outcome, actor, person, ...rest } = JSON.parse(line) as AuditEntry;
      const { provider, host, subject, code, changes, requestId, times, hash } = rest;
      // The entry is dated in epoch milliseconds.
      const covered = [
        seq,
        Date.parse(String(at)),
        action,
        outcome,
        actor.kind,
        actor.id,
        actor.name,
        person,
        provider,
        host,
      ];
      const more = [subject, code, JSON.stringify(changes), requestId, times];
      const text = JSON.stringify([previous, ...covered, ...more]);
      expect(createHash('sha256').update(text).digest('base64url')).toBe(hash);
      previous = hash;
    }
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ action: 'audit.exported', requestId: 'r1' });
    expect(await verifyAudit(setup.ports, previous)).toEqual({
      verdict: { intact: true, entries: 1201, head: previous },
      kept: { hash: previous, seq: 1201 },
    });
  });

  it('is refused, and not recorded, when the question makes no sense', async () => {
    await expect(exportAudit(setup.ports, { from: 'today' }, ANNA)).rejects.toMatchObject({
      code: 'parameter_invalid',
    });
    expect(await setup.stores.audit.verify()).toMatchObject({ entries: 0 });
  });
});

describe('A question to the audit log', () => {
  it('accepts a subject for all its actions, and two days for everything between them', () => {
    expect(toAuditFilter({ action: 'audit', from: '2027-03-31', to: '2027-03-31', host: '' })).toEqual({
      actions: ['audit.exported', 'audit.archived', 'audit.interrupted'],
      from: Date.UTC(2027, 2, 31),
      to: Date.UTC(2027, 3, 1),
    });
  });

  it('knows every day there is and no other', () => {
    for (let day = 0; day < 366 * 140; day += 1) {
      const start = day * 86_400_000;
      const text = new Date(start).toISOString().slice(0, 10);
      expect(dayOf(text), text).toEqual({ start, end: start + 86_400_000 });
    }
    for (const text of [
      '2027-02-29',
      '2100-02-29',
      '2027-00-01',
      '2027-13-01',
      '2027-04-31',
      '2027-4-1',
      '1969-12-31',
      '',
    ])
      expect(dayOf(text), text).toBeNull();
  });
});

describe('A sentence of the audit log', () => {
  const entry: AuditEntry = {
    seq: 1,
    at: NOW,
    action: 'provider.changed',
    outcome: 'done',
    actor: ANNA,
    person: null,
    provider: 'mingle',
    host: null,
    subject: null,
    code: null,
    changes: [],
    requestId: null,
    times: 1,
    hash: 'h',
  };
  const system = { kind: 'system', id: null, name: null } as const;

  it('says who did what, and what it was and is', () => {
    const changes = [
      { path: 'scopes', before: 'a', after: 'b' },
      { path: 'api', before: null, after: 'x'.repeat(100) },
    ];
    expect(sentenceOf({ ...entry, changes })).toBe(
      `Anna changed provider mingle: scopes “a” → “b”, api nothing → “${'x'.repeat(59)}…”`,
    );
    const many = Array.from({ length: 9 }, (_, n) => ({ path: `p${n}`, before: '1', after: '2' }));
    expect(sentenceOf({ ...entry, changes: many })).toMatch(/p2 “1” → “2”, 6 more$/);
  });

  it('says why something was refused, and how often', () => {
    const refused = { ...entry, action: 'flow.refused', outcome: 'refused' } as const;
    const anonymous = { kind: 'anonymous', id: null, name: null } as const;
    expect(sentenceOf({ ...refused, actor: anonymous, code: 'state_mismatch', times: 995 })).toBe(
      'Someone failed to connect to mingle 995 times within a minute: the response belongs to no known attempt',
    );
    const viewer = { kind: 'viewer', id: 'pseudonym-of-alice', name: null } as const;
    expect(sentenceOf({ ...refused, actor: viewer, host: 'gocd', code: 'denied' })).toBe(
      'Viewer pseudony failed to connect to mingle (host gocd): permission was denied at the provider',
    );
  });

  it('reports a bulk disconnect once, and how many entries are missing', () => {
    const all = { ...entry, action: 'connection.all-disconnected' } as const;
    expect(sentenceOf({ ...all, provider: 'mingle', host: 'gocd' })).toBe(
      'Anna started to disconnect everyone from mingle on host gocd',
    );
    expect(sentenceOf({ ...all, provider: null, host: 'gocd' })).toBe(
      'Anna started to disconnect everyone on host gocd',
    );
    const missing = {
      ...entry,
      action: 'audit.interrupted',
      actor: system,
      provider: null,
      times: 7,
    } as const;
    expect(sentenceOf(missing)).toBe('Oriel could not write 7 entries of this log');
  });

  it('has words for every action by every kind of actor, and shows a newer version’s as they are', () => {
    const actors = [ANNA, system, { kind: 'command', id: null, name: 'root' }] as const;
    for (const action of AUDIT_ACTIONS)
      for (const actor of actors) {
        const sentence = sentenceOf({ ...entry, action, actor, host: 'gocd', person: 'pseudonym' });
        expect(sentence, action).not.toMatch(/undefined|null|admin\.|flow\.|connection\./);
        expect(sentence.length, action).toBeGreaterThan(10);
      }
    expect(sentenceOf({ ...entry, action: 'moon.landed' as never })).toBe('Anna moon.landed');
  });
});
