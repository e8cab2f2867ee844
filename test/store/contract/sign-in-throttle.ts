import { describe, expect, it } from 'vitest';
import { type OpenHouse, race } from './house.js';

const MINUTE = 60_000;
const home = '192.0.2.1';

/** The limits on guessing passwords, on whatever engine. */
export const signInThrottleContract = (open: OpenHouse): void => {
  describe('the throttle of signing in', () => {
    const guess = async (
      house: Awaited<ReturnType<OpenHouse>>,
      times: number,
      account: string,
      address: string,
    ) => {
      for (let n = 0; n < times; n += 1)
        await (n % 2 === 0 ? house.stores : house.others).signInThrottle.attempt({ account, address });
    };

    it('takes six tries of an account from an address, counted by all processes together', async () => {
      const house = await open();
      const waits = await race(house, ({ signInThrottle }) =>
        signInThrottle.attempt({ account: 'Ann', address: home }),
      );
      expect(waits.filter((wait) => wait === null)).toHaveLength(6);
      const { signInThrottle } = house.others;
      expect(await signInThrottle.attempt({ account: 'aNN', address: home })).toBe(15 * 60);
      house.clock.pass(14 * MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBe(60);
      house.clock.pass(MINUTE);
      expect(await signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });

    it('does not slow anybody down elsewhere', async () => {
      const house = await open();
      await guess(house, 20, 'ann', home);
      expect(await house.stores.signInThrottle.attempt({ account: 'ann', address: '192.0.2.2' })).toBeNull();
      expect(await house.stores.signInThrottle.attempt({ account: 'bob', address: home })).toBeNull();
    });

    it('slows an address down that tries many accounts; one network of IPv6 is one address', async () => {
      const house = await open();
      for (let n = 0; n < 40; n += 1)
        await guess(house, 1, `account ${n}`, `2001:db8:0:1::${n.toString(16)}`);
      const from = (address: string) => house.stores.signInThrottle.attempt({ account: 'ann', address });
      expect(await from('2001:db8:0:1:ffff::1')).toBe(15 * 60);
      expect(await from('2001:db8::1:0:0:0:1')).toBe(15 * 60);
      expect(await from('2001:db8:0:2::1')).toBeNull();
    });

    it('slows an account down that very many addresses guess at, but not where it was signed in to', async () => {
      const house = await open();
      await guess(house, 1, 'ann', home);
      await house.stores.signInThrottle.succeeded({ account: 'ann', address: home });
      for (let n = 0; n < 100; n += 1) await guess(house, 1, 'ann', `198.51.100.${n}`);
      const from = (address: string) => house.others.signInThrottle.attempt({ account: 'ann', address });
      expect(await from('203.0.113.1')).toBe(15 * 60);
      expect(await from(home)).toBeNull();
    });

    it('forgets the tries of whoever then knows the password', async () => {
      const house = await open();
      const who = { account: 'ann', address: home };
      for (let n = 0; n < 30; n += 1) {
        await guess(house, 3, 'ann', home);
        await house.stores.signInThrottle.succeeded(who);
        house.clock.pass(2 * MINUTE);
      }
      expect(await house.stores.signInThrottle.attempt(who)).toBeNull();
    });

    it('counts who is sent elsewhere by their network', async () => {
      const house = await open();
      const waits = await Promise.all(
        Array.from({ length: 61 }, () => house.stores.signInThrottle.departure(home)),
      );
      expect(waits.filter((wait) => wait === null)).toHaveLength(60);
      expect(await house.others.signInThrottle.departure('192.0.2.2')).toBeNull();
    });

    it('counts dry runs by who has them made, apart from tries at signing in', async () => {
      const house = await open();
      const twenty = () => race(house, ({ dryRunThrottle }) => dryRunThrottle.attempt('ann'));
      const waits = [...(await twenty()), ...(await twenty()), ...(await twenty())];
      expect(waits).toEqual(Array(60).fill(null));
      expect(await house.stores.dryRunThrottle.attempt('ann')).toBe(15 * 60);
      expect(await house.others.dryRunThrottle.attempt('bob')).toBeNull();
      house.clock.pass(15 * MINUTE);
      expect(await house.others.dryRunThrottle.attempt('ann')).toBeNull();
    });

    it('sweeps what is over', async () => {
      const house = await open();
      await guess(house, 8, 'ann', home);
      await house.stores.signInThrottle.sweep(house.clock.now() + 15 * MINUTE);
      expect(await house.stores.signInThrottle.attempt({ account: 'ann', address: home })).toBeNull();
    });
  });
};
