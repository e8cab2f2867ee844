import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ada, bob, NOW } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const ANNA = { kind: 'admin', id: 'a1', name: 'Anna' } as const;
const SYSTEM = { kind: 'system' } as const;

const change: AuditEvent = {
  action: 'provider.changed',
  by: ANNA,
  outcome: 'done',
  provider: 'mingle',
  changes: [{ path: 'scopes', before: 'read', after: 'read write' }],
  requestId: 'r1',
};
const started = (viewer = ada): AuditEvent => ({
  action: 'flow.started',
  by: { kind: 'viewer', viewer },
  outcome: 'done',
  provider: 'mingle',
  subject: 'flow-1',
});
const ended = (viewer = ada): AuditEvent => ({
  action: 'connection.ended',
  by: SYSTEM,
  outcome: 'done',
  viewer,
  provider: 'gocd',
  code: 'expired',
});
const PAGE = { before: null, limit: 50 };

/** What the audit log keeps, finds and forgets. */
export const auditContract = (open: OpenTwoProcesses): void => {
  describe('the audit log', () => {
    it('can be cut behind an archived part, and goes on from there for every process', async () => {
      const { stores, others } = await open();
      const heads: string[] = [];
      for (let n = 0; n < 6; n += 1) heads.push((await stores.audit.append(change, NOW + n)).hash);
      expect(await stores.audit.before(NOW)).toBeNull();
      const part = await stores.audit.before(NOW + 4);
      expect(part).toEqual({ first: 1, last: 4, head: heads[3] });
      if (part === null) throw new Error('there is nothing before');
      const head = { path: 'head', before: null, after: part.head };
      const archived = {
        action: 'audit.archived',
        by: ANNA,
        outcome: 'done',
        subject: '4',
        changes: [head],
      } as const;
      const broken = stores.audit.cut({ ...part, head: heads[2] ?? '' }, archived, NOW + 6);
      await expect(broken).rejects.toThrow('Nothing was removed');
      expect(await stores.audit.cut(part, archived, NOW + 6)).toMatchObject({ seq: 7 });
      await others.audit.append(change, NOW + 7);
      expect(await others.audit.verify()).toMatchObject({ intact: true, entries: 4, archived: 4 });
      expect(await others.audit.verify({ seq: 4, head: heads[3] ?? '' })).toMatchObject({ intact: true });
      expect(await others.audit.verify({ seq: 4, head: heads[2] ?? '' })).toMatchObject({
        intact: false,
        brokenAt: 5,
      });
      expect(await stores.audit.before(NOW + 99)).toMatchObject({ first: 5, last: 8 });
    });

    it('keeps everything an entry says, and numbers entries from 1', async () => {
      const { stores, others } = await open();
      const entry = await stores.audit.append(change, NOW);
      expect(entry).toEqual({
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
        changes: change.changes,
        requestId: 'r1',
        times: 1,
        hash: expect.stringMatching(/^[\w-]{43}$/),
      });
      const second = await others.audit.append({ ...change, times: 7 }, NOW + 1);
      expect(second).toMatchObject({ seq: 2, times: 7 });
      expect(await stores.audit.list({}, PAGE)).toEqual([second, entry]);
      expect(await others.audit.since({}, { after: 0, limit: 50 })).toEqual([entry, second]);
      expect(await stores.audit.verify()).toEqual({ intact: true, entries: 2, head: second.hash });
    });

    it('is whole when it is empty', async () => {
      const { stores } = await open();
      expect(await stores.audit.verify()).toEqual({ intact: true, entries: 0, head: null });
    });

    it('loses nothing and does not fork when two processes append at once', async () => {
      const both = await open();
      const rounds = await Promise.all(
        Array.from({ length: 10 }, (_, round) =>
          race(both, (stores, n) => stores.audit.append({ ...change, subject: `${round}-${n}` }, NOW)),
        ),
      );
      const seqs = rounds.flat().map(({ seq }) => seq);
      expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
      const kept = await both.others.audit.since({}, { after: 0, limit: 1000 });
      expect(kept.toSorted((a, b) => a.seq - b.seq)).toEqual(rounds.flat().toSorted((a, b) => a.seq - b.seq));
      expect(await both.stores.audit.verify()).toMatchObject({ intact: true, entries: 200 });
    });

    it('knows a viewer by one pseudonym, whatever the actor and the process', async () => {
      const { stores, others } = await open();
      const first = await stores.audit.append(started(), NOW);
      const second = await others.audit.append(ended(), NOW);
      const other = await stores.audit.append(started(bob), NOW);
      expect(first.actor).toEqual({ kind: 'viewer', id: first.person, name: null });
      expect(first).toMatchObject({ person: expect.stringMatching(/^[\w-]{43}$/), host: 'gocd' });
      expect(second).toMatchObject({ person: first.person, actor: { kind: 'system', id: null } });
      expect(other.person).not.toBe(first.person);
      expect(await others.audit.list({ viewer: ada }, PAGE)).toEqual([second, first]);
      expect(await stores.audit.list({ viewer: viewerOf('wiki', 'ada') }, PAGE)).toEqual([]);
      expect(await others.audit.personOf(ada)).toBe(first.person);
      expect(await stores.audit.personOf(viewerOf('wiki', 'ada'))).toBeNull();
      expect(await stores.audit.list({ person: first.person as string }, PAGE)).toEqual([second, first]);
    });

    it('gives one pseudonym to a viewer who appears in two processes at once', async () => {
      const both = await open();
      const entries = await race(both, (stores) => stores.audit.append(started(), NOW));
      expect(new Set(entries.map(({ person }) => person)).size).toBe(1);
    });

    it('cannot say whose entries they were of a viewer who was forgotten, and stays whole', async () => {
      const { stores, others } = await open();
      const before = await stores.audit.append(started(), NOW);
      await stores.audit.append(started(bob), NOW);
      await others.audit.forget(ada);
      expect(await stores.audit.list({ viewer: ada }, PAGE)).toEqual([]);
      expect(await stores.audit.personOf(ada)).toBeNull();
      expect(await stores.audit.list({ viewer: bob }, PAGE)).toHaveLength(1);
      const after = await stores.audit.append(started(), NOW);
      expect(after.person).not.toBe(before.person);
      expect(await others.audit.list({ viewer: ada }, PAGE)).toEqual([after]);
      expect(await stores.audit.list({}, PAGE)).toContainEqual(before);
      expect(await stores.audit.verify()).toMatchObject({ intact: true, entries: 3 });
    });

    it('finds entries by what they are about, by actor and by time', async () => {
      const { stores } = await open();
      const of = async (event: AuditEvent, at: number) => (await stores.audit.append(event, at)).seq;
      const changed = await of(change, NOW);
      const wiki = await of({ ...change, action: 'host.created', by: SYSTEM, host: 'wiki' }, NOW + 10);
      const refused = await of({ ...started(), action: 'flow.refused', outcome: 'refused' }, NOW + 20);
      const seqs = async (filter: Parameters<typeof stores.audit.list>[0]) =>
        (await stores.audit.list(filter, PAGE)).map(({ seq }) => seq);
      expect(await seqs({ actions: ['flow.refused', 'host.created'] })).toEqual([refused, wiki]);
      expect(await seqs({ actions: [] })).toEqual([]);
      expect(await seqs({ provider: 'mingle' })).toEqual([refused, wiki, changed]);
      expect(await seqs({ host: 'wiki' })).toEqual([wiki]);
      expect(await seqs({ outcome: 'refused' })).toEqual([refused]);
      expect(await seqs({ actorId: 'a1' })).toEqual([changed]);
      expect(await seqs({ from: NOW + 10 })).toEqual([refused, wiki]);
      expect(await seqs({ to: NOW + 10 })).toEqual([changed]);
      expect(await seqs({ provider: 'mingle', from: NOW + 1, to: NOW + 20 })).toEqual([wiki]);
      expect(await seqs({ provider: 'gocd' })).toEqual([]);
    });

    it('is read page by page, newest first or oldest first', async () => {
      const { stores } = await open();
      for (let n = 0; n < 5; n += 1) await stores.audit.append(change, NOW);
      const down = await stores.audit.list({}, { before: 4, limit: 2 });
      expect(down.map(({ seq }) => seq)).toEqual([3, 2]);
      const up = await stores.audit.since({}, { after: 3, limit: 9 });
      expect(up.map(({ seq }) => seq)).toEqual([4, 5]);
    });

    it('says which entry has a hash, while there is one', async () => {
      const { stores } = await open();
      await stores.audit.append(change, NOW);
      const { hash } = await stores.audit.append(change, NOW);
      expect(await stores.audit.seqOf(hash)).toBe(2);
      expect(await stores.audit.seqOf('nowhere')).toBeNull();
    });

    it('stores outside text in a form that every engine returns unchanged', async () => {
      const { stores } = await open();
      const entry = await stores.audit.append(
        {
          ...change,
          by: { kind: 'command', name: `root\u0000\n\u202e${'x'.repeat(600)}` },
          subject: 'half \ud800 of a pair, whole 🪟',
          changes: [{ path: 'p', before: null, after: `\ud83d${'y'.repeat(3000)}` }],
        },
        NOW,
      );
      expect(entry.actor.name).toMatch(/^root\ufffd{3}x{400,492}…$/);
      expect(entry.subject).toBe('half \ufffd of a pair, whole 🪟');
      expect(entry.changes[0]?.after).toMatch(/^\ufffdy+… \(\d+ characters, SHA-256 [\w-]{12}…\)$/);
      expect(await stores.audit.list({}, PAGE)).toEqual([entry]);
      expect(await stores.audit.verify()).toMatchObject({ intact: true });
    });
  });
};
