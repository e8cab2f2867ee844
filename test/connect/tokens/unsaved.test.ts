import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { AccessOutcome } from '../../../src/connect/tokens/open-connection.js';
import { Secret } from '../../../src/domain/secret.js';
import type { Database } from '../../../src/store/engine/database.js';
import { openDatabase } from '../../../src/store/engine/open-database.js';
import { sql } from '../../../src/store/engine/sql.js';
import { alice, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const tokenOf = (outcome: AccessOutcome): string =>
  outcome.kind === 'access' ? outcome.access.token.reveal() : JSON.stringify(outcome);

describe('New tokens that the database does not take', () => {
  let folder: string;
  let setup: ConnectSetup;
  let database: Database;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-unsaved-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    setup = await setUpConnect({ url });
    await stepsOf(setup).connect('ada');
    database = await openDatabase(url, { create: false });
    setup.clock.pass(HOUR);
  });
  afterEach(async () => {
    await database.close();
    await setup.stores.close();
    rmSync(folder, { recursive: true });
  });

  const fill = () =>
    database.write(sql`
      create trigger full before update of tokens on connection
      begin select raise(abort, 'database or disk is full'); end`);
  const empty = () => database.write(sql`drop trigger full`);
  const saved = async (): Promise<string | undefined> => {
    const connection = await setup.stores.connections.find(alice, 'github');
    return connection === null
      ? undefined
      : (await setup.stores.connections.tokens(connection))?.accessToken.reveal();
  };

  it('are used from memory, and saved as soon as it does', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-2');
    expect(setup.journal.map(({ event }) => event)).toContain('tokens-unsaved');
    await expect(source.saveTokens()).rejects.toThrow('full');
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-2');
    expect(setup.server.asked('refresh')).toBe(1);
    await empty();
    await source.saveTokens();
    setup.clock.pass(2001);
    expect(await saved()).toBe('access-ada-2');
    expect(tokenOf(await new AccessTokens(setup.ports).fresh(alice, github))).toBe('access-ada-2');
    setup.clock.pass(HOUR);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-3');
    expect(setup.server.revoked).toEqual([]);
  });

  it('are saved when the process ends', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await empty();
    await source.saveTokensAtLast();
    setup.clock.pass(2001);
    expect(await saved()).toBe('access-ada-2');
  });

  it('are saved at the end of the process although the database takes some seconds more', async () => {
    await fill();
    let sleeps = 0;
    setup.clock.whileWaiting = async () => {
      sleeps += 1;
      if (sleeps === 5) await empty();
    };
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await source.saveTokensAtLast();
    expect(sleeps).toBe(5);
    expect(setup.journal.at(-1)).toMatchObject({ event: 'tokens-saved' });
    setup.clock.pass(2001);
    expect(await saved()).toBe('access-ada-2');
  });

  it('are reported as lost when the database never does', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await source.saveTokensAtLast();
    expect(setup.journal.at(-1)).toMatchObject({ event: 'tokens-lost' });
    expect(JSON.stringify(setup.journal)).not.toContain('access-ada-2');
  });

  it('that have run out are not refreshed before they are saved, and no one waits for that', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    setup.clock.pass(HOUR);
    const asked = setup.clock.now();
    expect(await source.fresh(alice, github)).toEqual({ kind: 'down', reason: 'tokens-unsaved' });
    expect(setup.clock.now() - asked).toBeLessThan(1000);
    expect(setup.server.asked('refresh')).toBe(1);
    // They are not saved yet when the next one asks.
    await empty();
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-3');
    expect(setup.server.requests.at(-1)).toMatchObject({ kind: 'refresh', detail: 'refresh-ada-2' });
  });

  it('that the API rejects are neither used again nor refreshed before they are saved', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    const first = await source.fresh(alice, github);
    if (first.kind !== 'access') throw new Error(first.kind);
    const at = { target: '/x', format: 'json', sign: 'certain' } as const;
    const rejected = () => source.renewed(first.access, github, at);
    expect(await rejected()).toEqual({ kind: 'resource-refused', proven: false });
    setup.clock.pass(2 * 60_000);
    expect(await rejected()).toEqual({ kind: 'down', reason: 'tokens-unsaved' });
    expect(setup.server.asked('refresh')).toBe(1);
    await empty();
    expect(tokenOf((await rejected()) as AccessOutcome)).toBe('access-ada-3');
  });

  it('are not waiting any more once the database has them', async () => {
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await source.saveTokens();
    expect(setup.journal.map(({ event }) => event)).not.toContain('tokens-saved');
  });

  it('are saved once when two find that they can be', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await empty();
    await Promise.all([source.saveTokens(), source.saveTokens()]);
    expect(setup.journal.map(({ event }) => event)).not.toContain('refresh-doubled');
    setup.clock.pass(2001);
    expect(await saved()).toBe('access-ada-2');
  });

  it('are not used once another process has refreshed twice in between', async () => {
    const there = await setUpConnect({
      url: `sqlite:${join(folder, 'oriel.db')}`,
      clock: setup.clock,
      server: setup.server,
    });
    await fill();
    const source = new AccessTokens(setup.ports);
    const issuedAt = setup.clock.now();
    const expiresAt = issuedAt + 5 * HOUR;
    const tokens = { accessToken: new Secret('access-long'), refreshToken: null, scopes: null };
    setup.server.answers.push({ kind: 'tokens', tokens: { ...tokens, issuedAt, expiresAt } });
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-long');
    await empty();
    const other = new AccessTokens(there.ports);
    // It has seen the lease for so long that its holder cannot be at work any more.
    expect(await other.fresh(alice, github)).toMatchObject({ kind: 'down', reason: 'refresh-busy' });
    setup.clock.pass(31_000);
    expect(tokenOf(await other.fresh(alice, github))).toBe('access-ada-2');
    setup.clock.pass(HOUR);
    expect(tokenOf(await other.fresh(alice, github))).toBe('access-ada-3');
    setup.clock.pass(2001);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-3');
    await there.stores.close();
  });

  it('of an account that its viewer has left for another are not used', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await empty();
    // So that the new Connection has the very version that the old one's tokens would have.
    setup.clock.set(1 - HOUR);
    await stepsOf(setup).connect('eve');
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-eve-3');
    await source.saveTokens();
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-eve-3');
    expect(setup.server.revoked).toContain('access-ada-2');
  });

  it('win against a process that took the lease in between', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await empty();
    const connection = await setup.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('no connection');
    const later = setup.clock.now() + HOUR;
    const { leaseOwner } = connection;
    expect(await setup.stores.connections.claim(connection, 'another', later, later + 1, leaseOwner)).toBe(
      true,
    );
    await source.saveTokens();
    expect(await setup.stores.connections.expire(connection, 'expired')).toBe(false);
    setup.clock.pass(2001);
    expect(await saved()).toBe('access-ada-2');
  });

  it('belong to no one when the viewer disconnected in between', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    const connection = await setup.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('no connection');
    await setup.stores.connections.retire(connection, setup.clock.now());
    await empty();
    expect((await source.fresh(alice, github)).kind).toBe('none');
    await source.saveTokens();
    expect(setup.server.revoked).toContain('access-ada-2');
  });

  it('are not used once their Connection was ended for good', async () => {
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    await empty();
    const connection = await setup.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('no connection');
    expect(await setup.stores.connections.expire(connection, 'revoked')).toBe(true);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'revoked' });
    await source.saveTokens();
    expect((await setup.stores.connections.find(alice, 'github'))?.status).toBe('reconnect');
  });

  it('of one person make no one else wait', async () => {
    await stepsOf(setup).connect('bo', 'github', bob);
    await fill();
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    expect(tokenOf(await source.fresh(bob, github))).toMatch(/^access-bo/);
  });
});
