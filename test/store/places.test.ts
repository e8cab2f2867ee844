import { expect, it } from 'vitest';
import type { Connection, ConnectionId } from '../../src/domain/connection.js';
import { Memory } from '../../src/store/change-memory.js';
import { Places } from '../../src/store/remembered.js';
import { neverMisplaced } from '../support/misplaced.js';
import { TestClock } from '../support/test-clock.js';

it('A change of anything that is remembered is noticed, however many reads of others came to nothing', async () => {
  const memory = new Memory<Connection>({
    ...{ clock: new TestClock(), life: 60_000, size: 1, kind: 'connection' },
    ...{ belongs: () => true, misplaced: neverMisplaced },
  });
  const places = new Places(memory, 1);
  const asked: string[] = [];
  const find = (id: string, until: Promise<void> = Promise.resolve()): Promise<Connection | null> =>
    memory.get(`key of ${id}`, async () => {
      asked.push(id);
      await until;
      places.note(id as ConnectionId, `key of ${id}`);
      return { id } as unknown as Connection;
    });
  await find('one');
  for (const other of ['two', 'three', 'four']) {
    let answer = (): void => {};
    const reading = find(other, new Promise((resolve) => (answer = resolve)));
    memory.forgetReading();
    answer();
    await reading;
  }
  places.forget('one' as ConnectionId);
  asked.length = 0;
  await find('one');
  expect(asked).toEqual(['one']);
});

it('What is used keeps its place, and what was unused for longest is forgotten with its own', async () => {
  const memory = new Memory<Connection>({
    ...{ clock: new TestClock(), life: 60_000, size: 9, kind: 'connection' },
    ...{ belongs: () => true, misplaced: neverMisplaced },
  });
  const places = new Places(memory, 1);
  const asked: string[] = [];
  const find = async (id: string): Promise<void> => {
    await memory.get(`key of ${id}`, async () => {
      asked.push(id);
      return { id } as unknown as Connection;
    });
    places.note(id as ConnectionId, `key of ${id}`);
  };
  for (const id of ['one', 'two', 'one', 'three']) await find(id);
  expect(asked).toEqual(['one', 'two', 'three']);
  await find('one');
  expect(asked).toEqual(['one', 'two', 'three']);
  await find('two');
  expect(asked).toEqual(['one', 'two', 'three', 'two']);
});

it('What is being read when a change arrives is not remembered, since it may be outdated', async () => {
  const memory = new Memory<Connection>({
    ...{ clock: new TestClock(), life: 60_000, size: 9, kind: 'connection' },
    ...{ belongs: () => true, misplaced: neverMisplaced },
  });
  const places = new Places(memory, 9);
  let asked = 0;
  let answer = (): void => {};
  const find = (until: Promise<void> = Promise.resolve()): Promise<Connection | null> =>
    memory.get('key of one', async () => {
      asked += 1;
      await until;
      return { id: 'one' } as unknown as Connection;
    });
  const reading = find(new Promise((resolve) => (answer = resolve)));
  places.forget('one' as ConnectionId);
  answer();
  await reading;
  await find();
  expect(asked).toBe(2);
});
