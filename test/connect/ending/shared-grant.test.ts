import { expect, it } from 'vitest';
import { cancelFlow } from '../../../src/connect/consent/decide-flow.js';
import { Secret } from '../../../src/domain/secret.js';
import type { Provider } from '../../../src/providers/provider.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, Browser, github, setUpConnect } from '../connect-setup.js';
import { LazyServer } from '../lazy-server.js';
import { stepsOf } from '../steps.js';

const make = async (given: Partial<Provider> = {}) => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const setup = await setUpConnect({ clock, providers: [{ ...github, ...given }] });
  const ports = { ...setup.ports, authorizer: server, upstream: server };
  return { server, ports, steps: stepsOf({ ...setup, ports }), stores: setup.stores };
};

it('Tokens of a consent that came to nothing are revoked as ever beside a Connection of the same account that has ended', async () => {
  const { server, ports, steps, stores } = await make();
  const ended = await steps.connect('ada');
  await stores.connections.expire(ended, 'revoked');
  const { flow, nonce } = await steps.consent(new Browser(), 'ada');
  expect(await cancelFlow(ports, flow, nonce)).toMatchObject({ revoked: 'revoked' });
  expect(server.asked.filter((each) => each === 'revoke')).toHaveLength(1);
  await stores.close();
});

it.each([
  ['refresh token', (used: string) => ({ refreshToken: new Secret(used) })],
  ['access token', (_: string, used: string) => ({ accessToken: new Secret(used) })],
])(
  'A Connection that has only the %s in common with a consent that is cancelled goes on',
  async (_, common) => {
    const { server, ports, steps, stores } = await make({ account: 'none' });
    const connected = await steps.connect('ada');
    const used = await stores.connections.tokens(connected);
    if (used === null) throw new Error('not connected');
    const { redeem } = server;
    server.redeem = async (...asked) => {
      const outcome = await redeem(...asked);
      if (outcome.kind !== 'tokens') return outcome;
      const again = common(used.refreshToken?.reveal() ?? '', used.accessToken.reveal());
      return { ...outcome, tokens: { ...outcome.tokens, ...again } };
    };
    const { flow, nonce } = await steps.consent(new Browser(), 'ada');
    expect(await cancelFlow(ports, flow, nonce)).toMatchObject({ revoked: 'shared' });
    expect(server.asked).not.toContain('revoke');
    expect((await stores.connections.find(alice, 'github'))?.status).toBe('active');
    await stores.close();
  },
);
