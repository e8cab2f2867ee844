import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import type { Passwords } from '../../../src/domain/sign-in.js';
import { administrators } from '../../../src/manage/people/admins.js';
import { passwordTry } from '../../../src/manage/people/password-try.js';
import { makeWorld, type World } from '../../connect/world.js';
import { quickPasswords } from '../../http/admin/console-app.js';

const PASSWORD = new Secret('four words in a row');
const from = { address: '192.0.2.1', requestId: 'r' };

describe('A name and a password', () => {
  let world: World;
  /** What passwords were compared with. */
  let compared: (string | null)[];
  let judge: ReturnType<typeof passwordTry>;

  beforeEach(async () => {
    world = await makeWorld();
    compared = [];
    const real = quickPasswords();
    const passwords: Passwords = {
      hash: real.hash,
      verify(password, hash) {
        compared.push(hash);
        return real.verify(password, hash);
      },
    };
    const ports = {
      ...world.ports,
      audit: { record: async () => {} },
      gadgetOrigin: 'https://g.example',
      passwords,
    };
    const { link } = (await administrators(ports).inviteFirst()) ?? { link: new Secret('') };
    const token = new Secret(link.reveal().slice(-43));
    await administrators(ports).accept(token, 'ann', PASSWORD);
    judge = passwordTry(ports);
  });
  afterEach(() => world.stores.close());

  it('cost as much work where nobody is called so', async () => {
    expect(await judge('nobody', PASSWORD, from, 'admin.signed-in')).toEqual({ kind: 'wrong' });
    expect(compared).toEqual([null]);
    expect(await judge('ann', new Secret('wrong'), from, 'admin.signed-in')).toEqual({ kind: 'wrong' });
    expect(compared).toHaveLength(2);
  });

  it('cost none where there were too many tries', async () => {
    for (let n = 0; n < 6; n += 1) await judge('ann', new Secret('wrong'), from, 'admin.signed-in');
    expect(await judge('ann', PASSWORD, from, 'admin.signed-in')).toMatchObject({ kind: 'wait' });
    expect(compared).toHaveLength(6);
  });

  it('of somebody who only signs in elsewhere are never right', async () => {
    const carol = { id: 'c', name: 'carol', issuer: 'https://idp.example', subject: '7', now: 0 };
    await world.stores.admins.admit(carol);
    for (const password of ['', 'null', 'four words in a row'])
      expect(await judge('carol', new Secret(password), from, 'admin.signed-in')).toEqual({ kind: 'wrong' });
  });
});
