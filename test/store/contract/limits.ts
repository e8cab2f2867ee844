import { describe, expect, it } from 'vitest';
import type { Stores } from '../../../src/store/stores.js';
import { VIEWER_LIMITS } from '../../../src/store/viewer-limits.js';
import { ada, bob, frameSession, NOW, newFlow, newFrameSession, newTicket } from '../fixtures.js';
import type { OpenTwoProcesses, TwoProcesses } from './two-processes.js';

const MINUTE = 60_000;
const LIMITS = { attempts: 7, attemptsInAll: 12, tickets: 5, frames: 9 };

/** What one viewer asks for two hundred times at once, by turns in both processes. */
const crowd = <T>(
  { stores, others }: TwoProcesses,
  work: (stores: Stores, n: number) => Promise<T>,
): Promise<T[]> => Promise.all(Array.from({ length: 200 }, (_, n) => work(n % 2 === 0 ? stores : others, n)));

/** What one viewer may have at the same time: exactly so much, however many ask at once. */
export const limitsContract = (open: OpenTwoProcesses): void => {
  describe('the limits of a viewer', () => {
    it('let exactly so many attempts to connect through, of each viewer on their own', async () => {
      const both = await open();
      const made = await crowd(both, (stores, n) => stores.flows.create(newFlow(`f${n}`), LIMITS));
      expect(made.filter(Boolean)).toHaveLength(LIMITS.attempts);
      expect(await both.stores.flows.create(newFlow('of-bob', { viewer: bob }), LIMITS)).toBe(true);
      const later = newFlow('later', { startedAt: NOW + 10 * MINUTE, expiresAt: NOW + 20 * MINUTE });
      expect(await both.stores.flows.create(later, LIMITS)).toBe(true);
    });

    it('hold what a person cancelled or connected against them only when it is very much', async () => {
      const { stores } = await open();
      for (let n = 0; n < LIMITS.attemptsInAll; n += 1) {
        expect(await stores.flows.create(newFlow(`f${n}`), LIMITS)).toBe(true);
        await stores.flows.end(`f${n}`, ['started'], n % 2 === 0 ? 'cancelled' : 'active', null);
      }
      expect(await stores.flows.create(newFlow('more'), LIMITS)).toBe(false);
    });

    it('count what failed like what was left', async () => {
      const { stores } = await open();
      for (let n = 0; n < LIMITS.attempts; n += 1) {
        expect(await stores.flows.create(newFlow(`f${n}`), LIMITS)).toBe(true);
        await stores.flows.end(`f${n}`, ['started'], 'failed', null);
      }
      expect(await stores.flows.create(newFlow('more'), LIMITS)).toBe(false);
    });

    it('let exactly so many tickets through, and more once one was taken', async () => {
      const both = await open();
      const put = await crowd(both, (stores, n) => stores.tickets.put(newTicket(`t${n}`), LIMITS));
      expect(put.filter(Boolean)).toHaveLength(LIMITS.tickets);
      expect(await both.stores.tickets.take(`t${put.indexOf(true)}`, NOW)).toMatchObject({ viewer: ada });
      expect(await both.stores.tickets.put(newTicket('more'), LIMITS)).toBe(true);
      expect(await both.stores.tickets.put(newTicket('most'), LIMITS)).toBe(false);
      expect(await both.stores.tickets.put(newTicket('of-bob', { viewer: bob }), LIMITS)).toBe(true);
    });

    it('let exactly so many frames through, renew them all, and burn no token that opened none', async () => {
      const both = await open();
      const launch = (stores: Stores, n: number) =>
        stores.frameSessions.launch(newFrameSession(frameSession(`s${n}`), `jti-${n}`), LIMITS);
      const launched = await crowd(both, launch);
      const isOpen = (n: number): boolean => launched[n] === 'launched';
      const numbers = launched.map((_, n) => n);
      expect(numbers.filter(isOpen)).toHaveLength(LIMITS.frames);
      expect(launched.filter((each) => each === 'too-many')).toHaveLength(200 - LIMITS.frames);
      const { frameSessions } = both.stores;
      for (const n of numbers.filter(isOpen)) {
        const renewed = frameSession(`s${n}`, { expiresAt: NOW + 60 * MINUTE });
        expect(await frameSessions.renew(newFrameSession(renewed, `renewal-${n}`))).toBe(true);
      }
      const refused = numbers.find((n) => !isOpen(n)) ?? -1;
      expect(await launch(both.stores, refused)).toBe('too-many');
      const ofBob = frameSession('of-bob', { viewer: bob });
      expect(await frameSessions.launch(newFrameSession(ofBob, 'of-bob'), LIMITS)).toBe('launched');
      const later = frameSession('later', { launchedAt: NOW + 61 * MINUTE, expiresAt: NOW + 76 * MINUTE });
      const again = { ...newFrameSession(later, `jti-${refused}`) };
      expect(await frameSessions.launch(again, LIMITS)).toBe('launched');
    });

    it('count a frame that was renewed once', async () => {
      const { stores } = await open();
      const launch = (name: string) =>
        stores.frameSessions.launch(newFrameSession(frameSession(name), `jti-${name}`), LIMITS);
      expect(await launch('s0')).toBe('launched');
      for (let n = 0; n < LIMITS.frames; n += 1)
        await stores.frameSessions.renew(newFrameSession(frameSession('s0'), `renewal-${n}`));
      for (let n = 1; n < LIMITS.frames; n += 1) expect(await launch(`s${n}`)).toBe('launched');
      expect(await launch('one-more')).toBe('too-many');
    });

    it('count nothing that a clock dated ahead which has been set back since', async () => {
      const { stores } = await open();
      const ahead = NOW + 24 * 60 * MINUTE;
      for (let n = 0; n < LIMITS.frames; n += 1) {
        const dated = { startedAt: ahead, expiresAt: ahead + 10 * MINUTE };
        expect(await stores.flows.create(newFlow(`f${n}`, dated), LIMITS)).toBe(n < LIMITS.attempts);
        const ticket = newTicket(`t${n}`, { now: ahead, expiresAt: ahead + MINUTE });
        expect(await stores.tickets.put(ticket, LIMITS)).toBe(n < LIMITS.tickets);
        const session = frameSession(`s${n}`, { launchedAt: ahead, expiresAt: ahead + 15 * MINUTE });
        const launch = newFrameSession(session, `jti-${n}`);
        expect(await stores.frameSessions.launch(launch, LIMITS)).toBe('launched');
      }
      expect(await stores.flows.create(newFlow('now'), LIMITS)).toBe(true);
      expect(await stores.tickets.put(newTicket('now'), LIMITS)).toBe(true);
      const session = newFrameSession(frameSession('now'), 'jti-now');
      expect(await stores.frameSessions.launch(session, LIMITS)).toBe('launched');
    });

    it('count what a server started whose clock is a little ahead', async () => {
      const { stores } = await open();
      const ahead = NOW + MINUTE / 3;
      const dated = { startedAt: ahead, expiresAt: ahead + 10 * MINUTE };
      for (let n = 0; n < LIMITS.attempts; n += 1)
        expect(await stores.flows.create(newFlow(`f${n}`, dated), LIMITS)).toBe(true);
      expect(await stores.flows.create(newFlow('now'), LIMITS)).toBe(false);
    });

    it('are those of the product where nothing else is said', async () => {
      const { stores } = await open();
      const launches = Array.from({ length: VIEWER_LIMITS.tickets + 1 }, (_, n) =>
        stores.tickets.put(newTicket(`t${n}`)),
      );
      expect((await Promise.all(launches)).filter(Boolean)).toHaveLength(VIEWER_LIMITS.tickets);
    });
  });
};
