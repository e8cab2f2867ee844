import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/store/engine/database.js';
import { openDatabase } from '../../src/store/engine/open-database.js';
import { sql } from '../../src/store/engine/sql.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

vi.setConfig({ testTimeout: 60_000 });

let whole: Whole;
let database: Database;
let before: number;

/** The state of ann's gadget that is asked for the first time, by its order of cards. */
const stateOf = async (order: string): Promise<string> => {
  const form = cardsForm(await whole.token('ann'), { 'p.sort': order });
  return frameData((await httpFrame(whole).launch('gocd', 'mingle-cards', form)).text).state;
};

/** Grows with every replacement of ann's tokens in the database. */
const version = async (): Promise<number> =>
  Number((await database.read(sql`select version from connection`))[0]?.version);

const putRight = () => database.write(sql`drop trigger full`);

describe('Tokens that a server could not save', () => {
  beforeEach(async () => {
    whole = await startWhole({ config: { renderBudget: 30_000 } });
    const frame = httpFrame(whole);
    const form = cardsForm(await whole.token('ann'));
    const { bearer } = frameData((await frame.launch('gocd', 'mingle-cards', form)).text);
    expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
    database = await openDatabase(`sqlite:${whole.folder}/oriel.db`, { create: false });
    before = await version();
    await database.write(sql`
      create trigger full before update of tokens on connection
      begin select raise(abort, 'database or disk is full'); end`);
    await whole.tell({ expire: 'ann' });
    expect(await stateOf('Name ASC')).toBe('content');
    expect(await version()).toBe(before);
  });
  afterEach(async () => {
    await database.close();
    await whole.close();
  });

  it('are saved by the server itself as soon as the database takes them, without a request', async () => {
    await putRight();
    await expect.poll(version).toBe(before + 1);
  });

  it('are saved when the server is stopped, so that the next one needs no viewer', async () => {
    await putRight();
    expect(await whole.stop()).toContain('"tokens-unsaved"');
    expect(await version()).toBe(before + 1);
    const { tokenRequests } = await whole.tell({});
    await whole.restart(0);
    expect(await stateOf('Number DESC')).toBe('content');
    expect((await whole.tell({})).tokenRequests).toBe(tokenRequests);
  });

  it('are saved when the server is stopped, though the database does not take that it stopped', async () => {
    await database.write(sql`
      create trigger mute before delete on instance
      begin select raise(abort, 'database or disk is full'); end`);
    await putRight();
    expect(await whole.stop()).not.toContain('could not be ended');
    expect(await version()).toBe(before + 1);
  });
});
