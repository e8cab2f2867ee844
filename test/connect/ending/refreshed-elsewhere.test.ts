import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { retryRevocations } from '../../../src/connect/ending/late-revocation.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { alice, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

describe('A Disconnect while another process refreshes the Connection', () => {
  let folder: string;
  let here: ConnectSetup;
  let there: ConnectSetup;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-refreshed-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    here = await setUpConnect({ url });
    there = await setUpConnect({ url, clock: here.clock, server: here.server });
    await stepsOf(here).connect('ada');
    here.clock.pass(HOUR);
  });
  afterEach(async () => {
    await here.stores.close();
    await there.stores.close();
    rmSync(folder, { recursive: true });
  });

  /** A refresh that is under way until it is given an answer. */
  const refreshing = async () => {
    let answer: (outcome: TokenOutcome) => void = () => {};
    here.server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const access = new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => here.server.asked('refresh')).toBe(1);
    return {
      end: (outcome: TokenOutcome) => {
        answer(outcome);
        return access;
      },
    };
  };
  /** What the server gives for the tokens that the Connection has. */
  const granted = async (): Promise<TokenOutcome> => {
    const [connection] = await left();
    const tokens = connection && (await there.stores.connections.tokens(connection));
    if (!tokens) throw new Error('The Connection has no tokens.');
    return here.server.refresh(github, { id: 'client-1', secret: tokens.accessToken }, tokens, '');
  };
  const left = () => there.stores.connections.ofViewer(alice);

  it('uses no refresh token beside it, and leaves what it brings to be revoked by who asked for it', async () => {
    const refresh = await refreshing();
    expect(await disconnectViewer(there.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    await retryRevocations(there.ports);
    expect([here.server.asked('refresh'), here.server.asked('revoke')]).toEqual([1, 0]);
    const outcome = await granted();
    const asked = here.server.asked('refresh');
    expect(await refresh.end(outcome)).toEqual({ kind: 'none' });
    expect(here.server.revoked).toEqual(['access-ada-2']);
    expect(here.server.asked('refresh')).toBe(asked);
    expect(await left()).toEqual([]);
  });

  it('revokes what there was where the refresh brought nothing', async () => {
    const refresh = await refreshing();
    await disconnectViewer(there.ports, alice, 'github');
    await refresh.end({ kind: 'unreachable', code: 'timeout' });
    await retryRevocations(there.ports);
    expect(here.server.asked('refresh')).toBe(2);
    expect(here.server.revoked).toHaveLength(1);
    expect(await left()).toEqual([]);
  });

  it('waits no longer than a refresh can take, nor for a process that is dead', async () => {
    await refreshing();
    await disconnectViewer(there.ports, alice, 'github');
    here.clock.pass(90_000);
    await retryRevocations(there.ports);
    expect(here.server.asked('refresh')).toBe(2);
    expect(await left()).toEqual([]);
  });

  it('asks at once where the one that refreshes is known to be dead', async () => {
    await refreshing();
    const peers = { own: 'there-1-test', isDead: (name: string) => name === here.ports.peers.own };
    expect(await disconnectViewer({ ...there.ports, peers }, alice, 'github')).toMatchObject({
      revoked: expect.stringMatching(/^(revoked|asked)$/),
    });
    expect(here.server.asked('refresh')).toBe(2);
    expect(await left()).toEqual([]);
  });
});
