import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword } from '../../../src/admin/people/sign-in.js';
import { acceptInvitation, inviteFirstAdministrator } from '../../../src/admin/people/use-cases.js';
import type { Passwords } from '../../../src/domain/administrator-sign-in.js';
import { AppError } from '../../../src/domain/errors.js';
import { Secret } from '../../../src/domain/secret.js';
import { type ConnectSetup, setUpConnect } from '../../connect/connect-setup.js';
import { quickPasswords } from '../../support/test-server.js';

const PASSWORD = new Secret('four words in a row');
const from = { address: '192.0.2.1', requestId: 'r' };

describe('A name and a password', () => {
  let setup: ConnectSetup;
  /** What passwords were compared with. */
  let compared: (string | null)[];
  let lanes: string[];
  let busy: boolean;
  let ports: Parameters<typeof checkPassword>[0] & Parameters<typeof acceptInvitation>[0];

  beforeEach(async () => {
    setup = await setUpConnect();
    compared = [];
    lanes = [];
    busy = false;
    const real = quickPasswords();
    const passwords: Passwords = {
      hash: (password) => real.hash(password),
      async verify(password, hash, lane) {
        if (busy) throw new AppError('too_many_requests', 'Too many people are signing in right now.');
        compared.push(hash);
        lanes.push(lane.kind);
        return real.verify(password, hash, lane);
      },
    };
    ports = {
      ...setup.ports,
      audit: { record: async () => {} },
      passwords,
    };
    const { link } = (await inviteFirstAdministrator({ ...setup.ports })) ?? { link: new Secret('') };
    const token = new Secret(link.reveal().slice(-43));
    await acceptInvitation(ports, token, 'ann', PASSWORD);
  });
  afterEach(() => setup.stores.close());

  const signIn = (name: string, password: Secret, address = from.address) =>
    checkPassword(ports, { name, password }, { ...from, address }, 'admin.signed-in');

  it('cost as much work when no account has that name', async () => {
    expect(await signIn('nobody', PASSWORD)).toEqual({ kind: 'wrong' });
    expect(compared).toEqual([null]);
    expect(await signIn('ann', new Secret('wrong'))).toEqual({ kind: 'wrong' });
    expect(compared).toHaveLength(2);
  });

  it('cost none where there were too many tries', async () => {
    for (let n = 0; n < 6; n += 1) await signIn('ann', new Secret('wrong'));
    expect(await signIn('ann', PASSWORD)).toMatchObject({ kind: 'wait' });
    expect(compared).toHaveLength(6);
  });

  it('of a person who signs in only through an identity provider never work', async () => {
    const carol = { id: 'c', name: 'carol', issuer: 'https://idp.example', subject: '7', now: 0 };
    await setup.stores.admins.admit(carol);
    for (const password of ['', 'null', 'four words in a row'])
      expect(await signIn('carol', new Secret(password))).toEqual({ kind: 'wrong' });
  });

  it('that were not checked do not count as a guess', async () => {
    busy = true;
    for (let n = 0; n < 20; n += 1)
      await expect(signIn('ann', PASSWORD)).rejects.toMatchObject({ code: 'too_many_requests' });
    busy = false;
    expect(await signIn('ann', PASSWORD)).toMatchObject({ kind: 'right' });
  });

  it('are checked first for known addresses and signed-in administrators', async () => {
    const admin = await signIn('ann', PASSWORD);
    if (admin.kind !== 'right') throw new Error(admin.kind);
    await signIn('ann', PASSWORD);
    await signIn('ann', PASSWORD, '198.51.100.7');
    const again = { name: 'ann', password: PASSWORD, signedIn: admin.admin.id };
    await checkPassword(ports, again, { ...from, address: '203.0.113.7' }, 'admin.confirmed');
    expect(lanes).toEqual(['stranger', 'first', 'stranger', 'first']);
  });
});
