import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vouchForFlow } from '../../src/connect/consent/ask-host.js';
import { AppError } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import type { HostTokens } from '../../src/hosts/host-tokens.js';
import { replacing } from '../support/replacing.js';
import { type ConnectSetup, setUpConnect } from './connect-setup.js';

const unsigned: Pick<HostTokens, 'verifyFor'> = {
  verifyFor: async () => {
    throw new AppError('token_invalid', 'No one’s.');
  },
};

/** The address at which a host answers is open to the whole setup: only a signature distinguishes a host from anyone else. */
describe('Answers that no host has signed', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  it('cannot fill the audit log, nor appear there as the host’s', async () => {
    const gocd = setup.ports.directory.host('gocd');
    if (gocd === undefined) throw new Error('no host');
    const host = { ...gocd, connectMode: 'reauth', connectUrl: 'https://gocd.example/connect' } as const;
    const ports = { ...setup.ports, directory: replacing(setup.ports.directory, { host: () => host }) };
    for (let n = 0; n < 30; n += 1)
      await expect(
        vouchForFlow({ ...ports, hostTokens: unsigned }, 'gocd', new Secret('junk')),
      ).rejects.toMatchObject({
        code: 'token_invalid',
      });
    const entries = await setup.stores.audit.since({}, { after: 0, limit: 100 });
    expect(entries.length).toBeLessThanOrEqual(5);
    expect(entries[0]).toMatchObject({ actor: { kind: 'anonymous' }, host: 'gocd', code: 'token_invalid' });
  });
});
