import { expect, it } from 'vitest';
import { DatabaseTrouble } from '../../../src/store/database-trouble.js';
import { DatabaseHealth } from '../../../src/store/engine/guarded-database.js';

const MINUTE = 60_000;

const started = () => {
  const events: string[] = [];
  const note = (event: string): void => void events.push(event);
  const time = { now: 0 };
  const health = new DatabaseHealth({ note, warn: note }, () => time.now);
  const fail = (): void =>
    health.failed('writing', new DatabaseTrouble('full', 'The disk is full.', new Error('SQLITE_FULL')));
  return { events, time, health, fail };
};

it('A database that failed a write is not reported healthy because of a small write within five seconds', () => {
  const { events, time, health, fail } = started();
  fail();
  time.now += 4999;
  health.succeeded('writing');
  expect(health.trouble()).not.toBeNull();
  time.now += 1;
  health.succeeded('reading');
  expect(health.trouble()).not.toBeNull();
  health.succeeded('writing');
  expect(health.trouble()).toBeNull();
  expect(events).toEqual(['database-unavailable', 'database-recovered']);
});

it('An ongoing failure is logged once a minute, however many statements fail', () => {
  const { events, time, fail } = started();
  for (let n = 0; n < 50; n += 1) fail();
  time.now += MINUTE - 1;
  fail();
  expect(events).toHaveLength(1);
  time.now += 1;
  fail();
  expect(events).toHaveLength(2);
});
