import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryProvider } from '../../../src/admin/connections/refresh-trouble.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { record, withRecords } from '../../admin/admin-setup.js';
import { alice, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const SECOND = 1_000;
const carol = viewerOf('gocd', 'carol');
const dave = viewerOf('gocd', 'dave');
const erin = viewerOf('gocd', 'erin');

describe('A token endpoint that fails for several people', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
    for (const viewer of [alice, bob]) await stepsOf(setup).connect(viewer.sub, 'github', viewer);
    setup.clock.pass(HOUR);
  });
  afterEach(() => setup.stores.close());

  const kindFor = async (viewer = alice, source = new AccessTokens(setup.ports)): Promise<string> => {
    const outcome = await source.fresh(viewer, github);
    return outcome.kind === 'reconnect' ? outcome.reason : outcome.kind;
  };

  it('keeps others from asking only when several people met the same, and for half a minute at most', async () => {
    for (const [name, viewer] of [
      ['cy', carol],
      ['di', dave],
    ] as const)
      await stepsOf(setup).connect(name, 'github', viewer);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    for (const viewer of [alice, bob, carol]) {
      setup.server.answers.push({ kind: 'unreachable', code: 'http-503', answered: true });
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await source.fresh(dave, github)).toEqual({ kind: 'down', reason: 'server-failing' });
    expect(setup.server.asked('refresh')).toBe(3);
    setup.clock.pass(30 * SECOND);
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('says nothing about the server, however often it fails for that one person', async () => {
    const source = new AccessTokens(setup.ports);
    for (let times = 0; times < 4; times += 1) {
      setup.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(alice, source)).toBe('down');
      if (times < 3) setup.clock.pass(16 * SECOND);
    }
    expect(setup.server.asked('refresh')).toBe(4);
    expect(await kindFor(bob, source)).toBe('access');
  });

  it('keeps others from asking half a minute at most, however long it goes on for several people', async () => {
    for (const [name, viewer] of [
      ['cy', carol],
      ['di', dave],
    ] as const)
      await stepsOf(setup).connect(name, 'github', viewer);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    const people = [alice, bob, carol];
    for (let times = 0; times < 12; times += 1) {
      if (times >= people.length) setup.clock.pass(30 * SECOND);
      setup.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(people[times % people.length], source)).toBe('down');
    }
    expect(setup.server.asked('refresh')).toBe(12);
    expect(await source.fresh(dave, github)).toEqual({ kind: 'down', reason: 'server-failing' });
    setup.clock.pass(30 * SECOND);
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('stops no one when it was more than a minute ago for the others', async () => {
    await stepsOf(setup).connect('cy', 'github', carol);
    await stepsOf(setup).connect('di', 'github', dave);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    for (const viewer of [alice, bob, carol]) {
      setup.clock.pass(31 * SECOND);
      setup.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(dave, source)).toBe('access');
  });

  it.each([
    ['those refused', { kind: 'unreachable', code: 'http-403', answered: true, refusal: true }],
    ['those whose grant is refused', { kind: 'refused', code: 'weird' }],
  ] as const)('stops no one when three people are refused: %s', async (_, answer) => {
    await stepsOf(setup).connect('cy', 'github', carol);
    await stepsOf(setup).connect('di', 'github', dave);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    for (const viewer of [alice, bob, carol]) {
      setup.server.answers.push(answer);
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('is asked again after an hour, however long it asks us to wait', async () => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push({ kind: 'rate-limited', retryAfter: 7 * 24 * 3600 });
    expect(await source.fresh(alice, github)).toEqual({ kind: 'rate-limited', retryAfter: 3600 });
    setup.clock.pass(HOUR);
    expect(await kindFor(alice, source)).toBe('access');
  });

  it('stops no one when a viewer got tokens in between', async () => {
    for (const viewer of [carol, dave, erin]) await stepsOf(setup).connect(viewer.sub, 'github', viewer);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    const timeout: TokenOutcome = { kind: 'unreachable', code: 'timeout' };
    for (const viewer of [alice, bob]) {
      setup.server.answers.push(timeout);
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(carol, source)).toBe('access');
    setup.server.answers.push(timeout);
    expect(await kindFor(dave, source)).toBe('down');
    expect(await kindFor(erin, source)).toBe('access');
  });

  it('stops no one any more once an administrator chose to ask again', async () => {
    await stepsOf(setup).connect('cy', 'github', carol);
    await stepsOf(setup).connect('di', 'github', dave);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    for (const viewer of [alice, bob, carol]) {
      setup.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      await source.fresh(viewer, github);
    }
    expect(await kindFor(dave, source)).toBe('down');
    await retryProvider(withRecords(setup.ports, [record('provider', 'github')]), 'github', {
      kind: 'system',
    });
    expect(await kindFor(dave, source)).toBe('access');
  });
});
