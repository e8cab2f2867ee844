import { expect, it } from 'vitest';
import { disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { tokenSet } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, github, HOUR, setUpConnect } from '../connect-setup.js';
import { LazyServer, untilExpired } from '../lazy-server.js';
import { stepsOf } from '../steps.js';

it('Of two who refresh expired tokens to revoke them, the later one leaves what the other was granted', async () => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const setup = await setUpConnect({ clock, providers: [github] });
  const { connections } = setup.stores;
  const ports = { ...setup.ports, authorizer: server, upstream: server };
  await stepsOf({ ...setup, ports }).connect('ada');
  clock.pass(untilExpired);
  const { refresh } = server;
  server.refresh = async (...asked) => {
    const outcome = await refresh(...asked);
    const [retired] = await connections.ofViewer(alice);
    if (retired !== undefined) await connections.replaceRetired(retired, tokenSet('of-the-other'));
    return outcome;
  };
  expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
  expect(server.asked).not.toContain('revoke');
  const [left] = await connections.ofViewer(alice);
  if (left === undefined) throw new Error('What the other one was granted is lost.');
  expect((await connections.tokens(left))?.accessToken.reveal()).toBe('access-of-the-other');
  await setup.stores.close();
});

it('Two processes that retry failed revocations do not retry the same one', async () => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const setup = await setUpConnect({ clock, providers: [github] });
  const ports = { ...setup.ports, authorizer: server, upstream: server };
  await stepsOf({ ...setup, ports }).connect('ada');
  server.revocations.push('failed');
  expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
  server.asked.length = 0;
  clock.pass(5 * 60_000);
  await Promise.all([1, 2, 3].map(() => sweepUnused(ports, 90 * 24 * HOUR)));
  expect(server.asked.filter((each) => each === 'revoke')).toHaveLength(1);
  expect(await setup.stores.connections.ofViewer(alice)).toEqual([]);
  await setup.stores.close();
});

it.each([
  ['run out while they are revoked', 20_000, ['refresh', 'use', 'revoke']],
  ['work for long enough', 60_000, ['revoke']],
])('Tokens that %s are made revocable first, or not', async (_, left, asked) => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const setup = await setUpConnect({ clock, providers: [github] });
  const ports = { ...setup.ports, authorizer: server, upstream: server };
  await stepsOf({ ...setup, ports }).connect('ada');
  clock.pass(untilExpired - 1 - left);
  server.asked.length = 0;
  expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
  expect(server.asked).toEqual(asked);
  await setup.stores.close();
});

it('Tokens that do not say when they run out are used once before they are revoked', async () => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const { redeem } = server;
  server.redeem = async (...given) => {
    const outcome = await redeem(...given);
    return outcome.kind === 'tokens'
      ? { ...outcome, tokens: { ...outcome.tokens, expiresAt: null } }
      : outcome;
  };
  const setup = await setUpConnect({ clock, providers: [github] });
  const ports = { ...setup.ports, authorizer: server, upstream: server };
  await stepsOf({ ...setup, ports }).connect('ada');
  server.asked.length = 0;
  expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
  expect(server.asked).toEqual(['use', 'revoke']);
  await setup.stores.close();
});
