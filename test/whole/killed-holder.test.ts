import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { everyRow } from '../support/every-row.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

vi.setConfig({ testTimeout: 90_000 });

let whole: Whole;
afterEach(() => whole.close());

/** When the lease on the one Connection is over by itself. */
const leaseUntil = async (): Promise<number> => {
  const rows = await everyRow(`sqlite:${whole.folder}/oriel.db`);
  const row = rows.find((line) => line.startsWith('connection '));
  return Number(JSON.parse(row?.slice('connection '.length) ?? '{}').lease_until);
};

/** A frame of ann whose token is refreshed by the first process, which is killed before it gets the outcome. */
const killedInTheMiddle = async (processes: number, when: 'before' | 'after') => {
  whole = await startWhole({ processes, config: { renderBudget: 500 } });
  const [first = 0] = whole.ports;
  whole.oriel.to(first);
  const frame = httpFrame(whole);
  const launch = async (sort: string) =>
    frameData(
      (await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann'), { 'p.sort': sort })))
        .text,
    );
  expect(await frame.connect((await launch('Number ASC')).bearer, 'mingle', mingleConsent('ann'))).toBe(
    'active',
  );
  const { tokenRequests } = await whole.tell({ expire: 'ann' });
  const asked = whole.mingle.hold('/oauth/token', when);
  const { bearer, state } = await launch('Name ASC');
  expect(state).toBe('loading');
  await asked;
  const until = await leaseUntil();
  await whole.kill(0);
  await whole.mingle.hold(null);
  return { frame, bearer, until, before: tokenRequests };
};

/** What a frame shows, one after the other, until it no longer waits. */
const shown = async (frame: ReturnType<typeof httpFrame>, bearer: string): Promise<readonly string[]> => {
  const states: string[] = [];
  for (;;) {
    const { status, headers } = await frame.content(bearer);
    states.push(status === 202 ? 'waits' : String(headers['x-oriel-state']));
    if (status !== 202) return states;
    await pause(100);
  }
};

describe('a process killed while it refreshes a token', () => {
  it('is replaced at once by another running process: the viewer is served long before the lease expires', async () => {
    const { frame, bearer, until, before } = await killedInTheMiddle(2, 'before');
    whole.oriel.to(whole.ports[1] ?? 0);
    const states = await shown(frame, bearer);
    expect(states.filter((state) => state !== 'waits')).toEqual(['content']);
    expect(Date.now()).toBeLessThan(until - 10_000);
    expect((await whole.tell({})).tokenRequests - before).toBe(1);
    expect(await whole.stop()).toContain('"lease-taken-over"');
  });

  it('is followed at once by itself, started again', async () => {
    const { frame, bearer, until } = await killedInTheMiddle(1, 'before');
    await whole.restart(0);
    const states = await shown(frame, bearer);
    expect(states.filter((state) => state !== 'waits')).toEqual(['content']);
    expect(Date.now()).toBeLessThan(until - 5000);
  });

  it('that the provider had answered already leaves a Connection that says it was interrupted, and is made again', async () => {
    const { frame, bearer } = await killedInTheMiddle(1, 'after');
    await whole.restart(0);
    expect((await shown(frame, bearer)).at(-1)).toBe('reconnect');
    expect((await frame.content(bearer)).text).toContain('interrupted');
    expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
    expect((await shown(frame, bearer)).at(-1)).toBe('content');
  });
});
