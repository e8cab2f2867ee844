import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOwnAccess } from '../../../src/admin/providers/use-cases.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { Actor } from '../../../src/domain/actor.js';
import { adminViewer } from '../../../src/hosts/console-host.js';
import type { Provider } from '../../../src/providers/provider.js';
import { DirectoryWithConsole } from '../../../src/server/served-directory.js';
import { configOf, sample } from '../../config/sample.js';
import { type ConnectSetup, github, setUpConnect } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { keyRing } from '../../store/fixtures.js';

const ruth: Actor = { kind: 'admin', id: 'r', name: 'Ruth' };

describe('An administrator’s own token', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    const { ports, ...rest } = await setUpConnect();
    const directory = new DirectoryWithConsole(ports.directory, configOf(sample()), () => keyRing('k'));
    setup = { ...rest, ports: { ...ports, directory } };
    await stepsOf(setup).connect('ruth', 'github', adminViewer({ id: 'r' }));
  });
  afterEach(() => setup.stores.close());

  const own = (by: Actor, provider: Provider) =>
    findOwnAccess({ ...setup.ports, access: new AccessTokens(setup.ports) }, by, provider);

  it('is used to test the provider as it is served', async () => {
    expect(await own(ruth, github)).toMatchObject({ kind: 'access' });
  });

  it.each([
    ['its API', { api: 'https://elsewhere.example' }],
    ['its token endpoint', { tokenEndpoint: 'https://elsewhere.example/token' }],
    ['its name', { id: 'another' }],
  ])('is not used for a record whose %s has changed', async (_, given) => {
    expect(await own(ruth, { ...github, ...given })).toBeNull();
  });

  it('belongs to no other administrator, and to no command', async () => {
    expect(await own({ ...ruth, id: 'q' }, github)).toMatchObject({ kind: 'none' });
    expect(await own({ kind: 'command', name: 'r' }, github)).toBeNull();
  });
});
