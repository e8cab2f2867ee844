import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  inviteAdministrator,
  listAdministrators,
  removeAdministrator,
} from '../../../src/admin/people/use-cases.js';
import { Secret } from '../../../src/domain/secret.js';
import { type ConnectSetup, setUpConnect } from '../../connect/connect-setup.js';
import { quickPasswords } from '../../support/test-server.js';
import { ruth } from '../admin-setup.js';

describe('Removing an administrator', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  const admit = (...ids: readonly string[]) =>
    Promise.all(
      ids.map((id) =>
        setup.stores.admins.admit({
          id,
          name: id,
          issuer: 'https://idp.example',
          subject: id,
          now: 0,
        }),
      ),
    );
  const removals = async (...ids: readonly string[]) =>
    (await Promise.allSettled(ids.map((id) => removeAdministrator(setup.ports, id, ruth)))).map((each) =>
      each.status === 'fulfilled' ? 'done' : each.reason.code,
    );

  it('leaves one when several remove each other at the same time', async () => {
    await admit('ann', 'bob');
    expect((await removals('ann', 'bob')).toSorted()).toEqual(['admin_last', 'done']);
    expect(await listAdministrators(setup.ports)).toHaveLength(1);
  });

  it('succeeds once when two remove the same one: the second learns that it is gone, not that it is the last', async () => {
    await admit('ann', 'bob', 'carol');
    expect((await removals('ann', 'ann')).toSorted()).toEqual(['admin_unknown', 'done']);
    const entries = await setup.stores.audit.list({ actions: ['admin.removed'] }, { before: null, limit: 9 });
    expect(entries).toMatchObject([
      { subject: 'ann', changes: [{ path: 'name', before: 'ann', after: null }] },
    ]);
  });

  it('ends the links that they may have made', async () => {
    await admit('ann', 'bob');
    const { link } = await inviteAdministrator(setup.ports, ruth);
    const token = new URL(link.reveal()).hash.slice(1);
    await removeAdministrator(setup.ports, 'ann', ruth);
    await expect(
      acceptInvitation(
        { ...setup.ports, passwords: quickPasswords() },
        new Secret(token),
        'mallory',
        new Secret('four words in a row'),
      ),
    ).rejects.toMatchObject({
      code: 'invitation_invalid',
    });
  });
});
