import { describe, expect, it } from 'vitest';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;
const home = '192.0.2.1';

/** The limits on guessing passwords, on whatever engine. */
export const signInThrottleContract = (open: OpenTwoProcesses): void => {
  describe('the throttle of signing in', () => {
    const guess = async (
      both: Awaited<ReturnType<OpenTwoProcesses>>,
      times: number,
      account: string,
      address: string,
    ) => {
      for (let n = 0; n < times; n += 1)
        await (n % 2 === 0 ? both.stores : both.others).signInThrottle.attempt({ account, address });
    };

    it('takes six tries of an account from an address, counted by all processes together', async () => {
      const both = await open();
      const waits = await race(both, ({ signInThrottle }) =>
        signInThrottle.attempt({ account: 'Ann', address: home }),
      );
      expect(waits.filter((wait) => wait === null)).toHaveLength(6);
      const { signInThrottle } = both.others;
      expect(await signInThrottle.attempt({ account: 'aNN', address: home })).toBe(15 * 60);
      // As a name is typed on a keyboard of wide letters.
      expect(await signInThrottle.attempt({ account: 'ａｎｎ', address: home })).toBe(15 * 60);
      both.clock.pass(14 * MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBe(60);
      both.clock.pass(MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });

    it('counts no try for longer than its window once a clock that was ahead is set back', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      both.clock.set(24 * 60 * MINUTE);
      await guess(both, 6, 'ann', home);
      both.clock.set(-24 * 60 * MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBe(15 * 60);
      both.clock.pass(14 * MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBe(60);
      both.clock.pass(MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });

    it('counts on, and for no longer, where a clock is set back between two tries', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      await guess(both, 4, 'ann', home);
      both.clock.set(-5 * MINUTE);
      await guess(both, 2, 'ann', home);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBe(15 * 60);
      both.clock.pass(15 * MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });

    it('does not slow anyone down elsewhere', async () => {
      const both = await open();
      await guess(both, 20, 'ann', home);
      expect(await both.stores.signInThrottle.attempt({ account: 'ann', address: '192.0.2.2' })).toBeNull();
      expect(await both.stores.signInThrottle.attempt({ account: 'bob', address: home })).toBeNull();
    });

    it('slows an address down that tries many accounts; one network of IPv6 is one address', async () => {
      const both = await open();
      for (let n = 0; n < 40; n += 1) await guess(both, 1, `account ${n}`, `2001:db8:0:1::${n.toString(16)}`);
      const from = (address: string) => both.stores.signInThrottle.attempt({ account: 'ann', address });
      expect(await from('2001:db8:0:1:ffff::1')).toBe(15 * 60);
      expect(await from('2001:db8::1:0:0:0:1')).toBe(15 * 60);
      expect(await from('2001:db8:0:2::1')).toBeNull();
    });

    it('slows an account down that very many addresses guess at, but not where it was signed in to', async () => {
      const both = await open();
      await guess(both, 1, 'ann', home);
      await both.stores.signInThrottle.succeeded({ account: 'ann', address: home });
      for (let n = 0; n < 100; n += 1) await guess(both, 1, 'ann', `198.51.${n}.1`);
      const from = (address: string) => both.others.signInThrottle.attempt({ account: 'ann', address });
      expect(await from('203.0.113.1')).toBe(15 * 60);
      expect(await from(home)).toBeNull();
    });

    it('takes a /48 for one holder however many addresses it uses, and a /24 of IPv4', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      const crowd = async (times: number, addressOf: (n: number) => string) => {
        let taken = 0;
        for (let n = 0; n < times; n += 1)
          if ((await signInThrottle.attempt({ account: `name ${n}`, address: addressOf(n) })) === null)
            taken += 1;
        return taken;
      };
      const hex = (n: number) => n.toString(16);
      // A network of its own for each: within one /56, then within one /48.
      expect(await crowd(70, (n) => `2001:db8:1:${hex(0xab00 + n)}::1`)).toBe(60);
      expect(await crowd(70, (n) => `2001:db8:1:${hex(0x100 * n)}::1`)).toBe(20);
      expect(await crowd(100, (n) => `198.51.100.${n}`)).toBe(80);
      const ann = (address: string) => both.others.signInThrottle.attempt({ account: 'ann', address });
      expect(await ann('2001:db8:1:ffff::1')).toBe(15 * 60);
      expect(await ann('2001:db8:2::1')).toBeNull();
      expect(await ann('::ffff:198.51.100.9')).toBe(15 * 60);
      expect(await ann('198.51.101.9')).toBeNull();
    });

    it('makes strangers wait a minute together, and no one who is known or signed in', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      const known = { account: 'ann', address: home };
      await signInThrottle.attempt(known);
      await signInThrottle.succeeded(known);
      for (let n = 0; n < 200; n += 1)
        await signInThrottle.attempt({ account: `name ${n}`, address: `198.51.${n}.1` });
      const stranger = { account: 'ann', address: '203.0.113.1' };
      expect(await signInThrottle.attempt(stranger)).toBe(60);
      expect(await signInThrottle.laneOf(stranger)).toMatchObject({ kind: 'stranger' });
      expect(await both.others.signInThrottle.attempt(known)).toBeNull();
      expect(await both.others.signInThrottle.laneOf(known)).toEqual({ kind: 'first' });
      expect(await signInThrottle.attempt({ ...stranger, signedIn: 'a' })).toBeNull();
      expect(await signInThrottle.laneOf({ ...stranger, signedIn: 'a' })).toEqual({ kind: 'first' });
      both.clock.pass(MINUTE);
      expect(await signInThrottle.attempt(stranger)).toBeNull();
    });

    it('lets no other name of the same address use up what a known account has there', async () => {
      const both = await open();
      const known = { account: 'ann', address: home };
      await both.stores.signInThrottle.succeeded(known);
      for (let n = 0; n < 60; n += 1) await guess(both, 1, `name ${n}`, home);
      expect(await both.stores.signInThrottle.attempt(known)).toBeNull();
      await guess(both, 10, 'ann', home);
      expect(await both.stores.signInThrottle.attempt(known)).toBe(15 * 60);
    });

    it('knows an account at an address for thirty days after it was last signed in to there', async () => {
      const { stores, others, clock } = await open();
      const known = { account: 'ann', address: home };
      const lane = async () => (await others.signInThrottle.laneOf(known)).kind;
      for (let n = 0; n < 2; n += 1) {
        await stores.signInThrottle.succeeded(known);
        clock.pass(30 * 24 * 60 * MINUTE - 1);
        expect(await lane()).toBe('first');
      }
      clock.pass(1);
      expect(await lane()).toBe('stranger');
    });

    it('gives a signed-in administrator six tries of their own', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      const again = { account: 'ann', address: home, signedIn: 'id-of-ann' };
      for (let n = 0; n < 6; n += 1) expect(await signInThrottle.attempt(again)).toBeNull();
      expect(await signInThrottle.attempt({ ...again, address: '192.0.2.9' })).toBe(15 * 60);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
      await signInThrottle.succeeded(again);
      expect(await signInThrottle.attempt(again)).toBeNull();
    });

    it('counts no try that was refused or not judged, against anyone', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      const bob = { account: 'bob', address: home };
      await guess(both, 100, 'ann', home);
      // Six of them counted, so that 34 are left of what the address has.
      for (let n = 0; n < 34; n += 1) await guess(both, 1, `name ${n}`, home);
      expect(await signInThrottle.attempt(bob)).toBe(15 * 60);
      for (let n = 0; n < 3; n += 1) await signInThrottle.unjudged({ account: `name ${n}`, address: home });
      expect(await signInThrottle.attempt(bob)).toBeNull();
    });

    it('counts what was refused of many tries at once no more than what is refused later', async () => {
      const both = await open();
      const who = { account: 'ann', address: home };
      await race(both, ({ signInThrottle }) => signInThrottle.attempt(who));
      await both.stores.signInThrottle.unjudged(who);
      expect(await both.stores.signInThrottle.attempt(who)).toBeNull();
      expect(await both.stores.signInThrottle.attempt(who)).toBe(15 * 60);
    });

    it('allows no further try for one that is taken back too late', async () => {
      const both = await open();
      const who = { account: 'ann', address: home };
      await both.stores.signInThrottle.attempt(who);
      both.clock.pass(15 * MINUTE);
      await both.stores.signInThrottle.unjudged(who);
      await guess(both, 6, 'ann', home);
      expect(await both.stores.signInThrottle.attempt(who)).toBe(15 * 60);
    });

    it('forgets the tries once the right password is given', async () => {
      const both = await open();
      const who = { account: 'ann', address: home };
      for (let n = 0; n < 30; n += 1) {
        await guess(both, 3, 'ann', home);
        await both.stores.signInThrottle.succeeded(who);
        both.clock.pass(2 * MINUTE);
      }
      expect(await both.stores.signInThrottle.attempt(who)).toBeNull();
    });

    it('holds nothing against a network for those who sign in from it', async () => {
      const { signInThrottle } = (await open()).stores;
      for (let n = 0; n < 50; n += 1) {
        const who = { account: `name ${n}`, address: home };
        expect(await signInThrottle.attempt(who)).toBeNull();
        await signInThrottle.succeeded(who);
      }
    });

    it('counts who is sent elsewhere by their network', async () => {
      const both = await open();
      const waits = await Promise.all(
        Array.from({ length: 61 }, () => both.stores.signInThrottle.redirect({ address: home })),
      );
      expect(waits.filter((wait) => wait === null)).toHaveLength(60);
      const { signInThrottle } = both.others;
      expect(await signInThrottle.redirect({ address: '192.0.2.2' })).toBeNull();
      expect(await signInThrottle.redirect({ address: home, signedIn: 'a' })).toBeNull();
    });

    it('lets through anyone who signed in from an address before, however many others try from there', async () => {
      const both = await open();
      const { signInThrottle } = both.stores;
      await signInThrottle.arrived('2001:db8:1:ff::1');
      for (let n = 0; n < 130; n += 1)
        await signInThrottle.redirect({ address: `2001:db8:1:${n.toString(16)}::1` });
      expect(await signInThrottle.redirect({ address: '2001:db8:1:fe::1' })).toBe(15 * 60);
      expect(await signInThrottle.redirect({ address: '2001:db8:1:ff::2' })).toBeNull();
    });

    it('makes strangers who are sent elsewhere wait a minute together, and no one who is known or signed in', async () => {
      const { stores, clock } = await open();
      const { signInThrottle } = stores;
      await signInThrottle.arrived(home);
      for (let n = 0; n < 300; n += 1)
        await signInThrottle.redirect({ address: `10.${Math.floor(n / 200)}.${n % 200}.1` });
      expect(await signInThrottle.redirect({ address: '203.0.113.1' })).toBe(60);
      expect(await signInThrottle.redirect({ address: home })).toBeNull();
      expect(await signInThrottle.redirect({ address: '203.0.113.1', signedIn: 'a' })).toBeNull();
      clock.pass(MINUTE);
      expect(await signInThrottle.redirect({ address: '203.0.113.1' })).toBeNull();
    });

    it('counts dry runs by who has them made, apart from tries at signing in', async () => {
      const both = await open();
      const twenty = () => race(both, ({ dryRunThrottle }) => dryRunThrottle.attempt('ann'));
      const waits = [...(await twenty()), ...(await twenty()), ...(await twenty())];
      expect(waits).toEqual(Array(60).fill(null));
      expect(await both.stores.dryRunThrottle.attempt('ann')).toBe(15 * 60);
      expect(await both.others.dryRunThrottle.attempt('bob')).toBeNull();
      both.clock.pass(15 * MINUTE);
      expect(await both.others.dryRunThrottle.attempt('ann')).toBeNull();
    });

    it('sweeps what is over', async () => {
      const both = await open();
      await guess(both, 8, 'ann', home);
      await both.stores.signInThrottle.sweep(both.clock.now() + 15 * MINUTE);
      expect(await both.stores.signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });
  });
};
