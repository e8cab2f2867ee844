import { describe, expect, it } from 'vitest';
import { FRAME_SESSION_LIFE, FRAME_SESSION_RENEWABLE } from '../../../src/domain/frame-session.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ada, bob, frameSession, NOW, newFrameSession, newTicket } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;
const session = frameSession('s');
const renewed = { ...session, expiresAt: session.expiresAt + FRAME_SESSION_LIFE };

/** Frame sessions, tickets, web sessions and client stops. */
export const sessionContract = (open: OpenTwoProcesses): void => {
  describe('a frame session', () => {
    it('starts with one of twenty launches by the same host token', async () => {
      const both = await open();
      const won = await race(both, (stores, n) =>
        stores.frameSessions.launch(newFrameSession(frameSession(`s${n}`), 'jti')),
      );
      expect(won.filter((each) => each === 'launched')).toHaveLength(1);
      expect(won.filter((each) => each === 'replayed')).toHaveLength(19);
      const found = await Promise.all(
        won.map((_, n) => both.stores.frameSessions.byBearer(`bearer-of-s${n}`)),
      );
      expect(found.filter((each) => each !== null)).toEqual([frameSession(`s${won.indexOf('launched')}`)]);
    });

    it('may have the same token id as another host’s', async () => {
      const { stores } = await open();
      const other = frameSession('t', { viewer: viewerOf('wiki', 'ada') });
      expect(await stores.frameSessions.launch(newFrameSession(session, 'jti'))).toBe('launched');
      expect(await stores.frameSessions.launch(newFrameSession(other, 'jti'))).toBe('launched');
    });

    it('is longer after a renewal, also one by another process', async () => {
      const { stores, others, clock } = await open();
      await stores.frameSessions.launch(newFrameSession(session, 'one'));
      expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(session);
      expect(await others.frameSessions.renew(newFrameSession(renewed, 'two'))).toBe(true);
      clock.pass(FRAME_SESSION_LIFE);
      expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(renewed);
      expect(await stores.frameSessions.byBearer('bearer-of-t')).toBeNull();
    });

    it('is not renewed by the token that launched it, nor launched by one that renewed it', async () => {
      const { stores } = await open();
      await stores.frameSessions.launch(newFrameSession(session, 'one'));
      expect(await stores.frameSessions.renew(newFrameSession(renewed, 'one'))).toBe(false);
      expect(await stores.frameSessions.renew(newFrameSession(renewed, 'two'))).toBe(true);
      expect(await stores.frameSessions.launch(newFrameSession(frameSession('t'), 'two'))).toBe('replayed');
      expect(await stores.frameSessions.byBearer('bearer-of-t')).toBeNull();
    });

    it('is known for twelve hours after it expired', async () => {
      const { stores } = await open();
      const end = session.expiresAt + FRAME_SESSION_RENEWABLE;
      await stores.frameSessions.launch(newFrameSession(session, 'one'));
      await stores.frameSessions.sweep(end - 1);
      expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(session);
    });

    it('is forgotten twelve hours after it expired', async () => {
      const { frameSessions } = (await open()).stores;
      const end = session.expiresAt + FRAME_SESSION_RENEWABLE;
      await frameSessions.launch(newFrameSession(session, 'one'));
      await frameSessions.sweep(end);
      expect(await frameSessions.byBearer('bearer-of-s')).toBeNull();
    });

    it('remembers a token for as long as it could be replayed', async () => {
      const { stores } = await open();
      await stores.frameSessions.launch(newFrameSession(session, 'one'));
      await stores.frameSessions.renew(newFrameSession(renewed, 'two'));
      await stores.frameSessions.sweep(NOW + 149_999);
      expect(await stores.frameSessions.launch(newFrameSession(frameSession('t'), 'one'))).toBe('replayed');
      await stores.frameSessions.sweep(NOW + 150_000);
      expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(renewed);
    });
  });

  describe('a ticket', () => {
    it('is taken by one of twenty', async () => {
      const both = await open();
      await both.stores.tickets.put(newTicket('hash', { name: 'Ada \u0000' }));
      const taken = await race(both, (stores) => stores.tickets.take('hash', NOW));
      expect(taken.filter((each) => each !== null)).toEqual([{ viewer: ada, name: 'Ada \u0000' }]);
    });

    it('is not taken too late, and then swept away', async () => {
      const { stores } = await open();
      await stores.tickets.put(newTicket('old'));
      await stores.tickets.put(newTicket('new', { viewer: bob, expiresAt: NOW + MINUTE + 1 }));
      expect(await stores.tickets.take('old', NOW + MINUTE)).toBeNull();
      await stores.tickets.sweep(NOW + MINUTE);
      expect(await stores.tickets.take('old', NOW)).toBeNull();
      expect(await stores.tickets.take('new', NOW)).toEqual({ viewer: bob, name: null });
    });
  });

  describe('a web session', () => {
    it('is what was last set, until it expires or is destroyed', async () => {
      const { stores } = await open();
      await stores.webSessions.set('key', '{"a":1}', NOW + 1);
      await stores.webSessions.set('key', '{"a":2}', NOW + MINUTE);
      expect(await stores.webSessions.get('key', NOW)).toBe('{"a":2}');
      expect(await stores.webSessions.get('key', NOW + MINUTE)).toBeNull();
      await stores.webSessions.sweep(NOW + MINUTE - 1);
      expect(await stores.webSessions.get('key', NOW)).toBe('{"a":2}');
      await stores.webSessions.destroy('key');
      expect(await stores.webSessions.get('key', NOW)).toBeNull();
      await stores.webSessions.set('late', '{}', NOW + MINUTE);
      await stores.webSessions.sweep(NOW + MINUTE);
      expect(await stores.webSessions.get('late', NOW)).toBeNull();
    });

    it('goes on as it is, or with other content, unless it was destroyed', async () => {
      const { stores, others } = await open();
      await stores.webSessions.set('key', '{"a":1}', NOW + 1);
      await others.webSessions.replace('key', '{"a":2}', NOW + 2);
      await stores.webSessions.prolong('key', NOW + MINUTE);
      expect(await others.webSessions.get('key', NOW + 3)).toBe('{"a":2}');
      await stores.webSessions.destroy('key');
      await stores.webSessions.prolong('key', NOW + MINUTE);
      await stores.webSessions.replace('key', '{"a":3}', NOW + MINUTE);
      expect(await stores.webSessions.get('key', NOW)).toBeNull();
    });
  });

  describe('a stopped client', () => {
    it('stays stopped until its provider’s stops are cleared, or all', async () => {
      const { stores, others } = await open();
      await stores.clientStops.stop('mingle', 'key1', NOW);
      await stores.clientStops.stop('mingle', 'key1', NOW + 1);
      await stores.clientStops.stop('gocd', 'key2', NOW);
      expect(await others.clientStops.isStopped('key1')).toBe(true);
      expect(await stores.clientStops.isStopped('key3')).toBe(false);
      expect(await stores.clientStops.clear('mingle')).toBe(1);
      expect(await stores.clientStops.isStopped('key1')).toBe(false);
      expect(await stores.clientStops.isStopped('key2')).toBe(true);
      expect(await stores.clientStops.clear(null)).toBe(1);
    });
  });
};
