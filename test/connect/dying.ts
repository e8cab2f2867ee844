import type { ConnectDeps } from '../../src/connect/connect-deps.js';

type Stores = ConnectDeps['stores'];

/**
 * The stores of a process that is killed after its nth call of one of them: that call is done, but its result never arrives, and none after
 * it is made. What the process writes to the audit log does not count.
 */
export const dyingAfter = (stores: Stores, calls: number): Stores => {
  let left = calls;
  const mortal = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...given: readonly unknown[]) => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          const result: unknown = await member.apply(target, given);
          if (left === 0) throw new Error('killed');
          return result;
        };
      },
    });
  // Fingerprints are computed, and ask no database.
  return Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [
      name,
      typeof store === 'object' && name !== 'fingerprints' ? mortal(store) : store,
    ]),
  ) as unknown as Stores;
};
