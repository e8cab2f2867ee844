import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryProvider } from '../../../src/admin/connections/refresh-trouble.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { record, withRecords } from '../../admin/office.js';
import { stepsOf } from '../steps.js';
import { alice, bob, github, HOUR, makeWorld, type World } from '../world.js';

const SECOND = 1_000;
const carol = viewerOf('gocd', 'carol');
const dave = viewerOf('gocd', 'dave');
const erin = viewerOf('gocd', 'erin');

describe('A token endpoint that fails for several people', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld();
    for (const viewer of [alice, bob]) await stepsOf(world).connect(viewer.sub, 'github', viewer);
    world.clock.pass(HOUR);
  });
  afterEach(() => world.stores.close());

  const kindFor = async (viewer = alice, source = new AccessTokens(world.ports)): Promise<string> => {
    const outcome = await source.fresh(viewer, github);
    return outcome.kind === 'reconnect' ? outcome.reason : outcome.kind;
  };

  it('keeps others from asking only when several people met the same, and for half a minute at most', async () => {
    for (const [name, viewer] of [
      ['cy', carol],
      ['di', dave],
    ] as const)
      await stepsOf(world).connect(name, 'github', viewer);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    for (const viewer of [alice, bob, carol]) {
      world.server.answers.push({ kind: 'unreachable', code: 'http-503', answered: true });
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await source.fresh(dave, github)).toEqual({ kind: 'down', reason: 'server-failing' });
    expect(world.server.asked('refresh')).toBe(3);
    world.clock.pass(30 * SECOND);
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('says nothing about the server, however often it fails for that one person', async () => {
    const source = new AccessTokens(world.ports);
    for (let times = 0; times < 4; times += 1) {
      world.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(alice, source)).toBe('down');
      if (times < 3) world.clock.pass(16 * SECOND);
    }
    expect(world.server.asked('refresh')).toBe(4);
    expect(await kindFor(bob, source)).toBe('access');
  });

  it('keeps others from asking half a minute at most, however long it goes on for several people', async () => {
    for (const [name, viewer] of [
      ['cy', carol],
      ['di', dave],
    ] as const)
      await stepsOf(world).connect(name, 'github', viewer);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    const people = [alice, bob, carol];
    for (let times = 0; times < 12; times += 1) {
      if (times >= people.length) world.clock.pass(30 * SECOND);
      world.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(people[times % people.length], source)).toBe('down');
    }
    expect(world.server.asked('refresh')).toBe(12);
    expect(await source.fresh(dave, github)).toEqual({ kind: 'down', reason: 'server-failing' });
    world.clock.pass(30 * SECOND);
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('keeps nobody from asking where it was more than a minute ago for the others', async () => {
    await stepsOf(world).connect('cy', 'github', carol);
    await stepsOf(world).connect('di', 'github', dave);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    for (const viewer of [alice, bob, carol]) {
      world.clock.pass(31 * SECOND);
      world.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(dave, source)).toBe('access');
  });

  it.each([
    ['those refused', { kind: 'unreachable', code: 'http-403', answered: true, refusal: true }],
    ['those whose grant is refused', { kind: 'refused', code: 'weird' }],
  ] as const)('keeps nobody from asking for three people who are refused: %s', async (_, answer) => {
    await stepsOf(world).connect('cy', 'github', carol);
    await stepsOf(world).connect('di', 'github', dave);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    for (const viewer of [alice, bob, carol]) {
      world.server.answers.push(answer);
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(dave, source)).toBe('access');
  });

  it('is asked again after an hour, however much longer it asks to be left in peace', async () => {
    const source = new AccessTokens(world.ports);
    world.server.answers.push({ kind: 'rate-limited', retryAfter: 7 * 24 * 3600 });
    expect(await source.fresh(alice, github)).toEqual({ kind: 'rate-limited', retryAfter: 3600 });
    world.clock.pass(HOUR);
    expect(await kindFor(alice, source)).toBe('access');
  });

  it('keeps nobody from asking where somebody was given tokens in between', async () => {
    for (const viewer of [carol, dave, erin]) await stepsOf(world).connect(viewer.sub, 'github', viewer);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    const timeout: TokenOutcome = { kind: 'unreachable', code: 'timeout' };
    for (const viewer of [alice, bob]) {
      world.server.answers.push(timeout);
      expect(await kindFor(viewer, source)).toBe('down');
    }
    expect(await kindFor(carol, source)).toBe('access');
    world.server.answers.push(timeout);
    expect(await kindFor(dave, source)).toBe('down');
    expect(await kindFor(erin, source)).toBe('access');
  });

  it('keeps nobody from asking any more once an administrator said “ask again”', async () => {
    await stepsOf(world).connect('cy', 'github', carol);
    await stepsOf(world).connect('di', 'github', dave);
    world.clock.pass(HOUR);
    const source = new AccessTokens(world.ports);
    for (const viewer of [alice, bob, carol]) {
      world.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      await source.fresh(viewer, github);
    }
    expect(await kindFor(dave, source)).toBe('down');
    await retryProvider(withRecords(world.ports, [record('provider', 'github')]), 'github', {
      kind: 'system',
    });
    expect(await kindFor(dave, source)).toBe('access');
  });
});
