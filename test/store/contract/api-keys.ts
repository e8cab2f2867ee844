import { describe, expect, it } from 'vitest';
import { NOW } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;

/** Keys of the administration API, on whatever engine. */
export const apiKeyContract = (open: OpenTwoProcesses): void => {
  const key = (id: string) => ({
    id,
    name: `key \u0000 ${id}`,
    scopes: ['hosts:read', 'audit:read'] as const,
    createdAt: NOW,
    createdBy: 'ann \ud800',
    createdByAdmin: 'a1',
    expiresAt: NOW + MINUTE,
  });

  describe('API keys', () => {
    it('are found by the hash of their secret, and by nothing else', async () => {
      const { stores, others } = await open();
      await stores.apiKeys.create({ ...key('k'), secretHash: 'hash' });
      const found = await others.apiKeys.byHash('hash');
      expect(found).toEqual({ ...key('k'), lastUsedAt: null, revokedAt: null });
      expect(await others.apiKeys.byHash('k')).toBeNull();
      expect(await others.apiKeys.list()).toEqual([found]);
    });

    it('are revoked once', async () => {
      const both = await open();
      await both.stores.apiKeys.create({ ...key('k'), secretHash: 'hash' });
      const revoked = await race(both, (stores, n) => stores.apiKeys.revoke('k', NOW + n));
      expect(revoked.filter(Boolean)).toHaveLength(1);
      expect((await both.stores.apiKeys.byHash('hash'))?.revokedAt).not.toBeNull();
      expect(await both.stores.apiKeys.revoke('nothing', NOW)).toBe(false);
    });

    it('note a use at most once a minute', async () => {
      const { stores } = await open();
      await stores.apiKeys.create({ ...key('k'), secretHash: 'hash' });
      const used = async () => (await stores.apiKeys.byHash('hash'))?.lastUsedAt;
      await stores.apiKeys.touch('k', NOW);
      await stores.apiKeys.touch('k', NOW + MINUTE - 1);
      expect(await used()).toBe(NOW);
      await stores.apiKeys.touch('k', NOW + MINUTE);
      expect(await used()).toBe(NOW + MINUTE);
    });
  });
};
