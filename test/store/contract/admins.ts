import { describe, expect, it } from 'vitest';
import { NOW } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const DAY = 24 * 60 * 60_000;
const later = NOW + DAY;

/** Administrators and their invitations, on whatever engine. */
export const adminContract = (open: OpenTwoProcesses): void => {
  const accepted = (tokenHash: string, name: string, id = `id of ${name}`) => ({
    tokenHash,
    id,
    name,
    passwordHash: `hash of ${id}`,
    now: NOW,
  });

  describe('administrators', () => {
    it('the first invitation makes the first one, and is good until there is one', async () => {
      const { stores, others } = await open();
      expect(await stores.admins.inviteFirst({ tokenHash: 'old', expiresAt: later })).toBe(true);
      expect(await others.admins.inviteFirst({ tokenHash: 'new', expiresAt: later })).toBe(true);
      expect(await stores.admins.invitation('old', NOW)).toBeNull();
      expect(await stores.admins.invitation('new', later)).toBeNull();
      expect(await stores.admins.invitation('new', NOW)).toEqual({ admin: null });
      const ann = await stores.admins.accept(accepted('new', 'Ann \u0000 \ud800', 'ann'));
      expect(ann).toMatchObject({
        name: 'Ann \u0000 \ud800',
        hasPassword: true,
        version: 1,
        lastSignInAt: null,
      });
      expect(await others.admins.accept(accepted('new', 'eve'))).toBeNull();
      expect(await others.admins.inviteFirst({ tokenHash: 'late', expiresAt: later })).toBe(false);
      expect(await stores.admins.count()).toBe(1);
    });

    it('a first invitation is no good once anyone signed in another way', async () => {
      const { stores } = await open();
      await stores.admins.inviteFirst({ tokenHash: 'first', expiresAt: later });
      const carol = { id: 'c', name: 'carol', issuer: 'https://idp.example', subject: '7', now: NOW };
      await stores.admins.admit(carol);
      expect(await stores.admins.invitation('first', NOW)).toBeNull();
      expect(await stores.admins.accept(accepted('first', 'eve'))).toBeNull();
    });

    it('an invitation that many accept at once makes one administrator', async () => {
      const both = await open();
      await both.stores.admins.invite({ tokenHash: 't', admin: null, expiresAt: later });
      const made = await race(both, (stores, n) => stores.admins.accept(accepted('t', `name ${n}`)));
      expect(made.filter((admin) => admin !== null)).toHaveLength(1);
      expect(await both.stores.admins.count()).toBe(1);
    });

    it('a name that is taken, in whatever case or form, leaves the invitation good', async () => {
      const { stores } = await open();
      for (const tokenHash of ['a', 'b'])
        await stores.admins.invite({ tokenHash, admin: null, expiresAt: later });
      await stores.admins.accept(accepted('a', 'Zoë', 'zoe'));
      for (const name of ['Zoë', 'zoë', 'Zoe\u0308', 'ＺＯË'])
        expect(await stores.admins.accept(accepted('b', name, 'other'))).toBe('name-taken');
      expect(await stores.admins.byName('ZOË')).toMatchObject({ name: 'Zoë', passwordHash: 'hash of zoe' });
      expect(await stores.admins.accept(accepted('b', 'Zoe', 'other'))).toMatchObject({ name: 'Zoe' });
    });

    it('an invitation for an administrator sets their password, and changes their version', async () => {
      const { stores } = await open();
      await stores.admins.invite({ tokenHash: 'a', admin: null, expiresAt: later });
      await stores.admins.accept(accepted('a', 'ann', 'ann'));
      await stores.admins.invite({ tokenHash: 'b', admin: 'ann', expiresAt: later });
      expect(await stores.admins.invitation('b', NOW)).toEqual({ admin: 'ann' });
      const changed = await stores.admins.accept(accepted('b', 'somebody else'));
      expect(changed).toMatchObject({ id: 'ann', name: 'ann', version: 2 });
      expect(await stores.admins.count()).toBe(1);
      await stores.admins.invite({ tokenHash: 'c', admin: 'gone', expiresAt: later });
      expect(await stores.admins.invitation('c', NOW)).toBeNull();
    });

    it('a password that is set ends every other link to set it, however it was set', async () => {
      const { stores } = await open();
      const { admins } = stores;
      const linksFor = async (...hashes: readonly string[]) => {
        for (const tokenHash of hashes) await admins.invite({ tokenHash, admin: 'ann', expiresAt: later });
      };
      await admins.invite({ tokenHash: 'first', admin: null, expiresAt: later });
      await admins.accept(accepted('first', 'ann', 'ann'));
      await linksFor('a', 'b');
      await admins.accept(accepted('a', 'ann'));
      expect(await admins.accept(accepted('b', 'ann'))).toBeNull();
      await linksFor('c');
      await admins.setPassword('ann', 'another hash', 1);
      expect(await admins.invitation('c', NOW)).not.toBeNull();
      await admins.setPassword('ann', 'another hash', 2);
      expect(await admins.invitation('c', NOW)).toBeNull();
    });

    it('a password is set on the version it was changed from alone', async () => {
      const both = await open();
      const { admins } = both.stores;
      await admins.invite({ tokenHash: 'a', admin: null, expiresAt: later });
      await admins.accept(accepted('a', 'ann', 'ann'));
      const set = await race(both, (stores, n) => stores.admins.setPassword('ann', `hash ${n}`, 1));
      expect(set.filter((admin) => admin !== null)).toHaveLength(1);
      expect((await admins.byId('ann'))?.version).toBe(2);
      await admins.signedIn('ann', NOW + 1);
      expect(await admins.byId('ann')).toMatchObject({ lastSignInAt: NOW + 1, version: 2 });
    });

    it('an administrator who signs in through the identity provider is created once, under a name of their own', async () => {
      const both = await open();
      const { admins } = both.stores;
      await admins.invite({ tokenHash: 'a', admin: null, expiresAt: later });
      await admins.accept(accepted('a', 'ann@example.com'));
      const person = {
        name: 'ann@example.com',
        issuer: 'https://idp.example',
        subject: 'sub \u0000',
        now: NOW,
      };
      const made = await race(both, (stores, n) => stores.admins.admit({ ...person, id: `person-${n}` }));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(made[0]?.name).toMatch(/^ann@example\.com \(person-/);
      expect(made[0]).toMatchObject({ hasPassword: false, subject: 'sub \u0000' });
      expect(await admins.bySubject('https://idp.example', 'sub \u0000')).toEqual(made[0]);
      expect(await admins.bySubject('https://other.example', 'sub \u0000')).toBeNull();
      expect((await admins.list()).map(({ name }) => name)).toHaveLength(2);
    });

    it('the last one stays, also when all are removed at once', async () => {
      const both = await open();
      const { admins } = both.stores;
      for (const name of ['ann', 'bob', 'eve']) {
        await admins.invite({ tokenHash: name, admin: null, expiresAt: later });
        await admins.accept(accepted(name, name, name));
      }
      expect(await admins.remove('nobody')).toBe(false);
      const removed = await race(both, (stores, n) =>
        stores.admins.remove(['ann', 'bob', 'eve'][n % 3] ?? ''),
      );
      expect(removed.filter(Boolean)).toHaveLength(2);
      expect(await admins.count()).toBe(1);
    });

    it('old invitations are swept', async () => {
      const { stores } = await open();
      await stores.admins.invite({ tokenHash: 'a', admin: null, expiresAt: NOW + 1 });
      await stores.admins.sweep(NOW);
      expect(await stores.admins.invitation('a', NOW)).not.toBeNull();
      await stores.admins.sweep(NOW + 1);
      expect(await stores.admins.invitation('a', NOW)).toBeNull();
    });
  });

  describe('sessions of people', () => {
    it('replace none that was destroyed', async () => {
      const { stores, others } = await open();
      await stores.webSessions.set('key', '1', later);
      await stores.webSessions.replace('key', '2', later);
      expect(await others.webSessions.get('key', NOW)).toBe('2');
      await others.webSessions.destroy('key');
      await stores.webSessions.replace('key', '3', later);
      expect(await stores.webSessions.get('key', NOW)).toBeNull();
    });
  });
};
