import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { Secret } from '../../../src/domain/secret.js';
import type { SetupRecord } from '../../../src/domain/setup-record.js';
import type { SetupStore } from '../../../src/store/setup-record-store.js';
import { NOW } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

type Put = Parameters<SetupStore['put']>[0];

const event = (action: AuditEvent['action'], by = 'ada'): AuditEvent => ({
  action,
  by: { kind: 'command', name: by },
  outcome: 'done',
  provider: 'wiki',
});

const put = (entry: string, version: number | null, given: Partial<Put> = {}): Put => ({
  kind: 'provider',
  id: 'wiki',
  version,
  entry: new Secret(entry),
  secretsSetAt: { 'client.secret': NOW },
  now: NOW,
  by: 'ada',
  audit: event(version === null ? 'provider.created' : 'provider.changed'),
  ...given,
});

const revealed = (record: SetupRecord | null | undefined) =>
  record && { ...record, entry: record.entry?.reveal() ?? null };

export const setupContract = (open: OpenTwoProcesses): void => {
  describe('providers and hosts in the store', () => {
    it('are made once, seen by every process, and counted as a change', async () => {
      const { stores, others } = await open();
      expect(await others.setup.all()).toEqual([]);
      const before = await others.setup.revision();
      await stores.setup.put(put('{"a":1}', null, { by: 'Ada \u0000' }));
      expect((await others.setup.all()).map(revealed)).toEqual([
        {
          kind: 'provider',
          id: 'wiki',
          version: 1,
          entry: '{"a":1}',
          secretsSetAt: { 'client.secret': NOW },
          createdAt: NOW,
          updatedAt: NOW,
          updatedBy: 'Ada \u0000',
          leavingAt: null,
        },
      ]);
      expect(await others.setup.revision()).toBe(before + 1);
      expect(await others.setup.put(put('{"a":2}', null))).toBeNull();
      expect(await others.setup.revision()).toBe(before + 1);
    });

    it('are changed only from the version that is there, with its audit entry, both or neither', async () => {
      const { stores, others } = await open();
      await stores.setup.put(put('{"a":1}', null));
      const changed = await others.setup.put(put('{"a":2}', 1, { now: NOW + 5 }));
      expect(revealed(changed)).toMatchObject({
        version: 2,
        entry: '{"a":2}',
        createdAt: NOW,
        updatedAt: NOW + 5,
      });
      expect(await stores.setup.put(put('{"a":3}', 1))).toBeNull();
      expect(revealed((await stores.setup.all())[0])).toMatchObject({ version: 2, entry: '{"a":2}' });
      const log = await stores.audit.since({}, { after: 0, limit: 10 });
      expect(log.map(({ action }) => action)).toEqual(['provider.created', 'provider.changed']);
    });

    it('lose no change when many are made at once: one wins, all others get an error', async () => {
      const both = await open();
      await both.stores.setup.put(put('{"a":0}', null));
      const won = await race(both, (stores, n) => stores.setup.put(put(`{"a":${n}}`, 1)));
      expect(won.filter((each) => each !== null)).toHaveLength(1);
      expect((await both.stores.setup.all())[0]?.version).toBe(2);
      expect(await both.stores.audit.since({}, { after: 0, limit: 50 })).toHaveLength(2);
    });

    it('leave before they are deleted, and cannot be changed in the meantime', async () => {
      const { stores, others } = await open();
      await stores.setup.put(put('{"a":1}', null));
      const leaving = { kind: 'provider', id: 'wiki', now: NOW + 9, by: 'bob' } as const;
      expect(
        await stores.setup.leave({ ...leaving, version: 2, audit: event('provider.removed') }),
      ).toBeNull();
      await stores.setup.drop('provider', 'wiki');
      expect(await stores.setup.all()).toHaveLength(1);
      const left = await others.setup.leave({ ...leaving, version: 1, audit: event('provider.removed') });
      expect(revealed(left)).toMatchObject({ leavingAt: NOW + 9, updatedBy: 'bob', entry: '{"a":1}' });
      expect(await stores.setup.put(put('{"a":2}', 1))).toBeNull();
      expect(await stores.setup.put(put('{"a":2}', null))).toBeNull();
      await stores.setup.drop('provider', 'wiki');
      expect(await others.setup.all()).toEqual([]);
      expect(await stores.setup.put(put('{"a":2}', null))).toMatchObject({ version: 1 });
    });

    it('may be gone at once, reported like any other end', async () => {
      const { stores, others } = await open();
      await stores.setup.put(put('{"a":1}', null));
      const gone = { kind: 'provider', id: 'wiki', now: NOW + 9, by: 'bob', atOnce: true } as const;
      expect(await stores.setup.leave({ ...gone, version: 2, audit: event('provider.removed') })).toBeNull();
      const before = await others.setup.revision();
      expect(
        await stores.setup.leave({ ...gone, version: 1, audit: event('provider.removed') }),
      ).not.toBeNull();
      expect(await others.setup.all()).toEqual([]);
      expect(await others.setup.revision()).toBe(before + 1);
      expect((await stores.audit.since({}, { after: 0, limit: 9 })).at(-1)?.action).toBe('provider.removed');
    });

    it('may be made only to be revoked by, and leave from the first moment', async () => {
      const { stores } = await open();
      const made = await stores.setup.put(
        put('{}', null, { leaving: true, audit: event('provider.removed') }),
      );
      expect(made).toMatchObject({ leavingAt: NOW });
    });

    it('are distinguished by kind', async () => {
      const { stores } = await open();
      await stores.setup.put(put('{"a":1}', null));
      await stores.setup.put(put('{"b":1}', null, { kind: 'host' }));
      expect((await stores.setup.all()).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
        'host wiki',
        'provider wiki',
      ]);
    });
  });
};
