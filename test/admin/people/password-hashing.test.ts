import { describe, expect, it } from 'vitest';
import { ScryptPasswords } from '../../../src/admin/people/password-hashing.js';
import type { Lane } from '../../../src/domain/administrator-sign-in.js';
import { Secret } from '../../../src/domain/secret.js';

const weak = { N: 2 ** 10, r: 8, p: 1 };
const password = new Secret('four words in a row');
const first: Lane = { kind: 'first' };
const stranger = (network: string): Lane => ({ kind: 'stranger', network });

describe('A password', () => {
  it('is hashed with what OWASP recommends, each with a salt of its own', async () => {
    const passwords = new ScryptPasswords();
    const hash = await passwords.hash(password);
    expect(hash).toMatch(/^scrypt\$N=131072,r=8,p=1\$/);
    expect(await passwords.verify(password, hash, first)).toBe(true);
    const quick = new ScryptPasswords(weak);
    expect(await quick.hash(password)).not.toBe(await quick.hash(password));
  });

  it('is compared by what it was hashed with, whatever is in use now', async () => {
    const old = await new ScryptPasswords(weak).hash(password);
    const now = new ScryptPasswords({ N: 2 ** 11, r: 8, p: 1 });
    expect(await now.verify(password, old, first)).toBe(true);
    expect(await now.verify(new Secret('four words in a ro'), old, first)).toBe(false);
    await expect(now.verify(password, 'md5$x', first)).rejects.toThrow('form');
  });

  it('of an unknown account takes as long as that of a known one', async () => {
    const passwords = new ScryptPasswords({ N: 2 ** 15, r: 8, p: 1 });
    const hash = await passwords.hash(password);
    // The time of the processor: what else the machine does is not in it.
    const time = async (of: string | null): Promise<number> => {
      const before = process.cpuUsage();
      expect(await passwords.verify(new Secret('wrong'), of, first)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await time(null);
    // In turns, and the least of several: a neighbour on the same core slows down whichever runs beside it.
    const times: { known: number; unknown: number }[] = [];
    for (let left = 5; left > 0; left -= 1)
      times.push({ known: await time(hash), unknown: await time(null) });
    const known = Math.min(...times.map((each) => each.known));
    const unknown = Math.min(...times.map((each) => each.unknown));
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('waits its turn, two at a time, and is refused when too many wait', async () => {
    const passwords = new ScryptPasswords(weak);
    const all = await Promise.allSettled(
      Array.from({ length: 30 }, () => passwords.verify(password, null, first)),
    );
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ reason: { code: 'too_many_requests' } });
    expect(await passwords.verify(password, await passwords.hash(password), first)).toBe(true);
  });

  it('of a known person is computed before those of strangers, and only a few from one network may wait', async () => {
    // One at a time: of two, the later may be done earlier.
    const passwords = new ScryptPasswords(weak, 1);
    const done: string[] = [];
    const ask = (who: string, lane: Lane) =>
      passwords.verify(password, null, lane).then(
        () => void done.push(who),
        () => void done.push(`${who}, refused`),
      );
    const crowd = Array.from({ length: 60 }, () => ask('crowd', stranger('2001:db8::/48')));
    const others = Array.from({ length: 3 }, (_, n) => ask(`stranger ${n}`, stranger(`net ${n}`)));
    const known = ask('known', first);
    await Promise.all([...crowd, ...others, known]);
    expect(done.filter((who) => who === 'crowd, refused')).toHaveLength(55);
    const served = done.filter((who) => !who.includes('refused'));
    expect(served).toHaveLength(9);
    expect(served.filter((who) => who.startsWith('stranger'))).toHaveLength(3);
    expect(served.slice(0, 2)).toEqual(['crowd', 'known']);
  });

  it('of strangers waits behind no more than a few, from however many networks they ask', async () => {
    const passwords = new ScryptPasswords(weak);
    const asked = Array.from({ length: 60 }, (_, n) =>
      passwords.verify(password, null, stranger(`net ${n}`)),
    );
    const all = await Promise.allSettled([...asked, passwords.verify(password, null, first)]);
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(38);
    expect(all.at(-1)).toMatchObject({ status: 'fulfilled' });
  });
});
