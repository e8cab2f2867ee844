import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../../src/connect/connect-deps.js';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { cancelFlow } from '../../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../../src/connect/consent/finish-flow.js';
import { changeAccount } from '../../../src/connect/consent/redirect-flow.js';
import {
  continueBulkDisconnects,
  emptyBulkDisconnect,
} from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { disconnectAsAdministrator, disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { eraseViewer } from '../../../src/connect/ending/erase-viewer.js';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { ANONYMOUS } from '../../../src/domain/actor.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, Browser, github, HOUR, setUpConnect } from '../connect-setup.js';
import { dyingAfter } from '../dying.js';
import { LazyServer, untilExpired } from '../lazy-server.js';
import { stepsOf } from '../steps.js';

const UNUSED = 90 * 24 * HOUR;
const MOST_STEPS = 40;

const make = async () => {
  const clock = new TestClock();
  const server = new LazyServer(clock);
  const setup = await setUpConnect({ clock });
  const ports: ConnectDeps = { ...setup.ports, authorizer: server, upstream: server };
  return { ...setup, clock, server, ports, steps: stepsOf({ ...setup, ports }) };
};
type Made = Awaited<ReturnType<typeof make>>;

/** What is done before, and what a process is killed in; afterwards no permission that was given may be left. */
interface Path {
  readonly prepare: (made: Made) => Promise<(ports: ConnectDeps) => Promise<unknown>>;
}

const connected = async ({ steps, clock }: Made): Promise<void> => {
  await steps.connect('ada');
  clock.pass(1);
};

const consented = async ({ steps }: Made, account = 'ada') => steps.consent(new Browser(), account);

const PATHS: Readonly<Record<string, Path>> = {
  Disconnect: {
    async prepare(made) {
      await connected(made);
      return (ports) => disconnectViewer(ports, alice, 'github');
    },
  },
  'Disconnect, where the tokens have run out': {
    async prepare(made) {
      await connected(made);
      made.clock.pass(untilExpired);
      return (ports) => disconnectViewer(ports, alice, 'github');
    },
  },
  'an administrator’s Revoke beside a consent that holds tokens': {
    async prepare(made) {
      await connected(made);
      await consented(made, 'grace');
      const connection = await made.stores.connections.find(alice, 'github');
      if (connection === null) throw new Error('not connected');
      return (ports) => disconnectAsAdministrator(ports, connection, { kind: 'command', name: 'root' });
    },
  },
  Cancel: {
    async prepare(made) {
      const { flow, nonce } = await consented(made);
      return (ports) => cancelFlow(ports, flow, nonce);
    },
  },
  'Use another account': {
    async prepare(made) {
      const { flow, nonce } = await consented(made);
      return (ports) => changeAccount(ports, flow, nonce);
    },
  },
  'a callback that comes too late to be held': {
    async prepare(made) {
      const browser = new Browser();
      const { state } = await made.steps.depart(browser);
      const { redeem } = made.server;
      made.server.redeem = async (...given) => {
        made.clock.pass(10 * 60_000);
        return redeem(...given);
      };
      const query = new URLSearchParams({ state, code: 'code-of-ada' });
      return (ports) => finishFlow(ports, 'github', query, { nonces: browser });
    },
  },
  'the sweep of a consent that no one finished': {
    async prepare(made) {
      await consented(made);
      made.clock.pass(11 * 60_000);
      return (ports) => sweepUnused(ports, UNUSED);
    },
  },
  'the sweep of a Connection that no one used': {
    async prepare(made) {
      await connected(made);
      made.clock.pass(UNUSED + 1);
      return (ports) => sweepUnused(ports, UNUSED);
    },
  },
  'a consent that a newer one overtook': {
    async prepare(made) {
      const older = await made.steps.accepted('grace');
      made.clock.pass(1);
      await made.steps.connect('ada');
      await disconnectViewer(made.ports, alice, 'github');
      return (ports) => activateFlow(ports, older, alice);
    },
  },
  'a refresh that comes back after Disconnect': {
    async prepare(made) {
      await connected(made);
      made.clock.pass(untilExpired);
      return async (ports) => {
        const outrun = {
          ...ports,
          authorizer: {
            ...made.server,
            refresh: async (...given: Parameters<typeof made.server.refresh>) => {
              await disconnectViewer(made.ports, alice, 'github');
              return made.server.refresh(...given);
            },
            revoke: made.server.revoke,
          },
        } as ConnectDeps;
        return new AccessTokens(outrun).fresh(alice, github);
      };
    },
  },
  Erase: {
    async prepare(made) {
      await connected(made);
      await consented(made, 'grace');
      return (ports) => eraseViewer(ports, alice, ANONYMOUS);
    },
  },
  'the end of everybody’s': {
    async prepare(made) {
      await connected(made);
      await consented(made, 'grace');
      const leaver = { kind: 'connections', provider: 'github', host: null } as const;
      const startedAt = made.clock.now() + 1;
      const bulkDisconnect = await made.stores.bulkDisconnects.start({
        id: 'd',
        leaver,
        startedAt,
        startedBy: 'root',
      });
      return (ports) => emptyBulkDisconnect(ports, bulkDisconnect);
    },
  },
  'a late revocation': {
    async prepare(made) {
      await connected(made);
      made.server.revocations.push('failed');
      await disconnectViewer(made.ports, alice, 'github');
      made.clock.pass(untilExpired);
      return (ports) => sweepUnused(ports, UNUSED);
    },
  },
};

/** What a process that is not killed does from then on. */
const afterwards = async ({ ports, clock }: Made): Promise<void> => {
  for (let turn = 0; turn < 6; turn += 1) {
    await continueBulkDisconnects(ports);
    await sweepUnused(ports, UNUSED);
    clock.pass(11 * 60_000);
  }
};

describe.each(Object.entries(PATHS))('A server that is killed in %s', (_, { prepare }) => {
  const opened: Made[] = [];
  afterEach(async () => {
    for (const { stores } of opened.splice(0)) await stores.close();
  });

  it('leaves no permission behind, after whichever step', async () => {
    let steps = 0;
    for (let isDead = true; isDead; ) {
      steps += 1;
      const made = await make();
      opened.push(made);
      const act = await prepare(made);
      isDead = await act({ ...made.ports, stores: dyingAfter(made.stores, steps) }).then(
        () => false,
        (error: unknown) => String(error).includes('killed'),
      );
      // What was not reached by Disconnect, as its person saw no answer, is theirs to end once more.
      if ((await made.stores.connections.find(alice, 'github')) !== null)
        await disconnectViewer(made.ports, alice, 'github');
      await afterwards(made);
      expect({ steps, works: made.server.works }).toEqual({ steps, works: false });
      expect(steps).toBeLessThan(MOST_STEPS);
    }
    expect(steps).toBeGreaterThan(1);
  });
});
