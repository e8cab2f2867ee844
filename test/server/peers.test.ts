import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemEntropy } from '../../src/server/node-system.js';
import { isGone, KnownPeers, type Processes } from '../../src/server/peers.js';
import { TestClock } from '../support/test-clock.js';

const clock = new TestClock();

/** A process of this machine, by what the system would say of it. */
const machine = (here: string | null, starts: Readonly<Record<number, string | 'gone' | null>> = {}) => {
  const processes: Processes = { here: () => here, startOf: (id) => starts[id] ?? 'started' };
  return new KnownPeers(clock, systemEntropy, processes);
};
const named = (id: number, where = 'boot.1', start = 'started', host = hostname()) =>
  `${host}-${id}-a-b1/${where}/${start}`;

describe('Whether another process is dead', () => {
  it.each([
    ['whose id is free', 'gone'],
    ['whose id was given to a later one', 'later'],
  ])('is known at once of one of this machine %s', (_, start) => {
    const peers = machine('boot.1', { 77: start });
    expect(peers.isDead(named(77))).toBe(true);
    expect(peers.isDead(named(78))).toBe(false);
  });

  it.each([
    ['of another machine', named(77, 'boot.1', 'started', 'elsewhere')],
    ['of another container or an earlier boot', named(77, 'boot.2')],
    ['of a machine that does not tell', named(77, '-')],
    ['of an older release', 'an-id-without-a-place'],
    ['of no name', ''],
  ])('is not concluded from process ids here of one %s', (_, name) => {
    expect(machine('boot.1', { 77: 'gone' }).isDead(name)).toBe(false);
  });

  it('is not concluded where this machine does not say what its ids mean, or when a process was started', () => {
    expect(machine(null, { 77: 'gone' }).isDead(named(77, '-'))).toBe(false);
    expect(machine('boot.1', { 77: null }).isDead(named(77))).toBe(false);
    expect(machine('boot.1', { 77: 'later' }).isDead(named(77, 'boot.1', '-'))).toBe(false);
  });

  it('is never concluded about itself', () => {
    const peers = machine('boot.1', { [process.pid]: 'started' });
    peers.hear([{ id: peers.server, seenAt: 1 }]);
    for (let look = 0; look < 20; look += 1) {
      clock.pass(2000);
      peers.hear([{ id: peers.server, seenAt: 1 }]);
    }
    expect(peers.isDead(peers.own)).toBe(false);
  });

  const elsewhere = named(5, 'boot.9', 'started', 'elsewhere');
  const [server = ''] = elsewhere.split('/');

  it('is known of one anywhere that says nothing for ten seconds, whatever its clock says', () => {
    const peers = machine('boot.1');
    for (const passed of [0, 2500, 2500, 2500]) {
      clock.pass(passed);
      peers.hear([{ id: server, seenAt: -1_000_000 }]);
      expect(peers.isDead(elsewhere)).toBe(false);
    }
    clock.pass(2500);
    peers.hear([{ id: server, seenAt: -1_000_000 }]);
    expect(peers.isDead(elsewhere)).toBe(true);
    // It was only very slow.
    peers.hear([{ id: server, seenAt: -1_000_001 }]);
    expect(peers.isDead(elsewhere)).toBe(false);
  });

  it('is not concluded while this process slept or had no database itself', () => {
    const peers = machine('boot.1');
    peers.hear([{ id: server, seenAt: 1 }]);
    clock.pass(3_600_000);
    peers.hear([{ id: server, seenAt: 1 }]);
    expect(peers.isDead(elsewhere)).toBe(false);
  });

  it('is not concluded about one that never reported, such as a command', () => {
    const peers = machine('boot.1');
    for (let look = 0; look < 20; look += 1) {
      clock.pass(2000);
      peers.hear([]);
    }
    expect(peers.isDead(elsewhere)).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'is right about real processes: one that runs, one that was killed, one that is left as a zombie',
    async () => {
      const child = spawn('sleep', ['60']);
      const peers = new KnownPeers(clock, systemEntropy);
      const [, where = ''] = peers.own.split('/');
      const { readFileSync } = await import('node:fs');
      const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
      const name = `${hostname()}-${child.pid}-abcd/${where}/${start}`;
      expect(peers.isDead(name)).toBe(false);
      expect(peers.isDead(name.replace(/\d+$/, '1'))).toBe(true);
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(peers.isDead(name)).toBe(true);
      expect(isGone(name.split('/')[0] ?? '')).toBe(true);
      // The child ends with what it reads, once its parent is a program that looks at no child's end.
      const stdio = ['ignore', 'pipe', 'ignore', 'pipe'] as const;
      const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60'], { stdio: [...stdio] });
      const [printed] = await once(parent.stdout as Readable, 'data');
      const zombie = Number(String(printed).trim());
      await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
      (parent.stdio[3] as Writable).end();
      await expect.poll(() => readFileSync(`/proc/${zombie}/stat`, 'utf8')).toContain(') Z ');
      expect(peers.isDead(`${hostname()}-${zombie}-abcd/${where}/${start}`)).toBe(true);
      parent.kill('SIGKILL');
      await once(parent, 'close');
    },
  );
});
