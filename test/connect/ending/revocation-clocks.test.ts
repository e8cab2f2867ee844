import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { retryRevocations } from '../../../src/connect/ending/late-revocation.js';
import type { RevocationOutcome } from '../../../src/providers/token-outcome.js';
import { replacing } from '../../support/replacing.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, type ConnectSetup, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const MINUTE = 60_000;
const DAY = 24 * HOUR;

describe('A provider that one server asks to revoke tokens', () => {
  let folder: string;
  let here: ConnectSetup;
  let there: ConnectSetup;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-revoked-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    here = await setUpConnect({ url });
    const peers = { own: 'there-1-test', isDead: () => false };
    there = await setUpConnect({ url, clock: new TestClock(), server: here.server, peers });
    await stepsOf(here).connect('ada');
  });
  afterEach(async () => {
    await here.stores.close();
    await there.stores.close();
    rmSync(folder, { recursive: true });
  });

  const left = () => there.stores.connections.ofViewer(alice);
  /** What use cases of this server are called with, and whose provider answers a revocation when it is given the answer. */
  const held = () => {
    let answer: (outcome: RevocationOutcome) => void = () => {};
    const { authorizer } = here.ports;
    const revoke: typeof authorizer.revoke = async (...of) => {
      await authorizer.revoke(...of);
      return new Promise((resolve) => (answer = resolve));
    };
    return {
      ports: { ...here.ports, authorizer: replacing(authorizer, { revoke }) },
      end: (outcome: RevocationOutcome) => answer(outcome),
    };
  };
  const asked = () => here.server.asked('revoke');

  it('is asked by no other at the same time, however far ahead the other’s clock is set', async () => {
    const revocation = held();
    const disconnected = disconnectViewer(revocation.ports, alice, 'github');
    await expect.poll(asked).toBe(1);
    there.clock.set(HOUR / 2);
    await retryRevocations(there.ports);
    there.clock.set(DAY);
    await retryRevocations(there.ports);
    expect(asked()).toBe(1);
    revocation.end('revoked');
    expect(await disconnected).toMatchObject({ revoked: 'revoked' });
    expect(await left()).toEqual([]);
  });

  it('is asked by no other in a later try either', async () => {
    here.server.revocation = 'failed';
    expect(await disconnectViewer(here.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    here.clock.pass(2 * MINUTE);
    const revocation = held();
    const retried = retryRevocations(revocation.ports);
    await expect.poll(asked).toBe(2);
    there.clock.set(HOUR / 2);
    await retryRevocations(there.ports);
    expect(asked()).toBe(2);
    here.server.revocation = 'revoked';
    revocation.end('revoked');
    await retried;
    expect(await left()).toEqual([]);
  });

  it('is asked by another once the one that asks has done so for longer than all its requests can take', async () => {
    void disconnectViewer(held().ports, alice, 'github');
    await expect.poll(asked).toBe(1);
    there.clock.pass(2 * MINUTE);
    await retryRevocations(there.ports);
    expect(asked()).toBe(1);
    there.clock.pass(2 * MINUTE);
    await retryRevocations(there.ports);
    expect(asked()).toBe(2);
    expect(await left()).toEqual([]);
  });

  it('is asked by another as soon as it is due where the one that asks is known to be dead', async () => {
    void disconnectViewer(held().ports, alice, 'github');
    await expect.poll(asked).toBe(1);
    there.clock.pass(2 * MINUTE);
    const peers = { ...there.ports.peers, isDead: (name: string) => name === here.ports.peers.own };
    await retryRevocations({ ...there.ports, peers });
    expect(asked()).toBe(2);
    expect(await left()).toEqual([]);
  });

  it('is asked again although the clock was days ahead when it failed', async () => {
    here.server.revocation = 'failed';
    here.clock.set(DAY);
    await disconnectViewer(here.ports, alice, 'github');
    here.clock.set(-DAY);
    here.clock.pass(2 * MINUTE);
    here.server.revocation = 'revoked';
    await retryRevocations(here.ports);
    expect(asked()).toBe(2);
    expect(await left()).toEqual([]);
  });
});
