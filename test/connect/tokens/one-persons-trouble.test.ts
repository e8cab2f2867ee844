import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryProvider } from '../../../src/admin/connections/refresh-trouble.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { clientKey, endStaleStops } from '../../../src/connect/tokens/clients.js';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { record, withRecords } from '../../admin/admin-setup.js';
import { alice, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const carol = viewerOf('gocd', 'carol');

const unknownClient: TokenOutcome = { kind: 'invalid-client', code: 'invalid_client' };

describe('What a token endpoint answers to one person’s refresh', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
    for (const [name, viewer] of [
      ['ada', alice],
      ['bo', bob],
    ] as const)
      await stepsOf(setup).connect(name, 'github', viewer);
    setup.clock.pass(HOUR);
  });
  afterEach(() => setup.stores.close());

  const kindFor = async (viewer = alice, source = new AccessTokens(setup.ports)): Promise<string> => {
    const outcome = await source.fresh(viewer, github);
    return outcome.kind === 'reconnect' ? outcome.reason : outcome.kind;
  };

  it.each([
    ['rate-limited', { kind: 'rate-limited', retryAfter: 3600 }],
    ['down', { kind: 'refused', code: 'weird' }],
    ['down', { kind: 'unreachable', code: 'http-500', answered: true }],
    ['down', { kind: 'unreachable', code: 'http-403', answered: true, refusal: true }],
    ['down', { kind: 'unreachable', code: 'timeout' }],
    ['down', { kind: 'protocol-error', code: 'not-an-object' }],
    ['stopped', unknownClient],
    ['stopped', { kind: 'invalid-client', code: 'unauthorized_client' }],
    ['stopped', { kind: 'invalid-client', code: 'unsupported_grant_type' }],
    ['expired', { kind: 'invalid-grant', code: 'bad_refresh_token' }],
  ] as const)('is theirs alone: %s of %j', async (kind, answer) => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(answer);
    expect(await kindFor(alice, source)).toBe(kind);
    expect(await kindFor(bob, source)).toBe('access');
    expect(await setup.stores.clientStops.list()).toEqual([]);
  });

  it.each([
    ['a refusal in words of its own', { kind: 'refused', code: 'weird' }],
    [
      'a page with a refusal’s status',
      { kind: 'unreachable', code: 'http-401', answered: true, refusal: true },
    ],
  ] as const)('ends the Connection at the second time, with a pause between: %s', async (_, answer) => {
    const [source, other] = [new AccessTokens(setup.ports), new AccessTokens(setup.ports)];
    setup.server.answers.push(answer, answer);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(5 * SECOND);
    // Another process keeps the pause too.
    expect(await kindFor(alice, other)).toBe('down');
    expect(setup.server.asked('refresh')).toBe(1);
    setup.clock.pass(20 * SECOND);
    expect(await kindFor(alice, other)).toBe('expired');
    expect(setup.server.asked('refresh')).toBe(2);
  });

  it('asks once more where a process hears of the refusal only then, whose clock may have been set', async () => {
    const refused = { kind: 'refused', code: 'weird' } as const;
    const [source, later] = [new AccessTokens(setup.ports), new AccessTokens(setup.ports)];
    setup.server.answers.push(refused, refused, refused);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(25 * SECOND);
    expect(await kindFor(alice, later)).toBe('down');
    setup.clock.pass(20 * SECOND);
    expect(await kindFor(alice, later)).toBe('expired');
    expect(setup.server.asked('refresh')).toBe(3);
  });

  it('ends nothing by two refusals in a row without a pause, whatever pause the server asks for', async () => {
    const source = new AccessTokens(setup.ports);
    const refusal = {
      kind: 'unreachable',
      code: 'http-503',
      answered: true,
      refusal: true,
      retryAfter: 1,
    } as const;
    setup.server.answers.push(refusal, refusal, refusal);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(2 * SECOND);
    expect(await kindFor(alice, source)).toBe('down');
    expect(setup.server.asked('refresh')).toBe(2);
    setup.clock.pass(20 * SECOND);
    expect(await kindFor(alice, source)).toBe('expired');
  });

  it('does not end after two answers that say nothing, however far apart', async () => {
    const source = new AccessTokens(setup.ports);
    const broken = { kind: 'unreachable', code: 'http-500', answered: true } as const;
    setup.server.answers.push(broken);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(11 * MINUTE);
    expect(await kindFor(bob, source)).toBe('access');
    setup.server.answers.push(broken);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(MINUTE);
    setup.server.answers.push(broken);
    expect(await kindFor(alice, source)).toBe('expired');
  });

  it('counts no refusal of a record that was changed since', async () => {
    const source = new AccessTokens(setup.ports);
    const refused: TokenOutcome = { kind: 'refused', code: 'weird' };
    setup.server.answers.push(refused, refused);
    expect(await kindFor(alice, source)).toBe('down');
    setup.clock.pass(MINUTE);
    const changed = { ...github, errorCodes: { gone: 'invalid_grant' } };
    expect((await source.fresh(alice, changed)).kind).toBe('down');
  });

  it('counts a first refusal no more once tokens were given', async () => {
    const refused: TokenOutcome = { kind: 'refused', code: 'weird' };
    setup.server.answers.push(refused);
    expect(await kindFor()).toBe('down');
    setup.clock.pass(MINUTE);
    expect(await kindFor()).toBe('access');
    setup.clock.pass(HOUR);
    setup.server.answers.push(refused);
    expect(await kindFor()).toBe('down');
  });

  it.each([
    ['a 500', { kind: 'unreachable', code: 'http-500', answered: true }],
    ['an answer that is none', { kind: 'protocol-error', code: 'redirected' }],
    ['the word for an unknown client', unknownClient],
    ['a registration that may not', { kind: 'invalid-client', code: 'unauthorized_client' }],
  ] as const)('ends it after three times over ten minutes, if others do well: %s', async (_, answer) => {
    for (const others of [false, true]) {
      const own = await setUpConnect();
      await stepsOf(own).connect('ada');
      await stepsOf(own).connect('bo', 'github', bob);
      own.clock.pass(HOUR);
      const source = new AccessTokens(own.ports);
      for (let times = 0; times < 3; times += 1) {
        own.server.answers.push(answer);
        expect((await source.fresh(alice, github)).kind).toMatch(/^(down|stopped)$/);
        own.clock.pass(4 * MINUTE);
        if (others && times === 0) expect((await source.fresh(bob, github)).kind).toBe('access');
      }
      own.server.answers.push(answer);
      expect((await source.fresh(alice, github)).kind).toMatch(others ? 'reconnect' : /^(down|stopped)$/);
      await own.stores.close();
    }
  });

  it('never ends it when there was no answer at all', async () => {
    const source = new AccessTokens(setup.ports);
    for (let times = 0; times < 9; times += 1) {
      setup.server.answers.push({ kind: 'unreachable', code: 'timeout' });
      expect(await kindFor(alice, source)).toBe('down');
      setup.clock.pass(5 * MINUTE);
      if (times === 0) expect(await kindFor(bob, source)).toBe('access');
    }
    expect(await kindFor(alice, source)).toBe('access');
  });

  it('stops the client once another Connection gets the same answer, and not before', async () => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(unknownClient, unknownClient);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'stopped', code: 'invalid_client' });
    setup.clock.pass(MINUTE);
    expect(await source.fresh(bob, github)).toEqual({ kind: 'stopped', code: 'client_stopped' });
    expect(await source.fresh(alice, github)).toEqual({ kind: 'stopped', code: 'client_stopped' });
    expect(setup.server.asked('refresh')).toBe(2);
    expect(setup.journal.map(({ event }) => event)).toContain('client-stopped');
  });

  it('stops nothing when the same Connection says so again, or another did well in between', async () => {
    await stepsOf(setup).connect('cy', 'github', carol);
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(unknownClient);
    await source.fresh(alice, github);
    setup.clock.pass(MINUTE);
    setup.server.answers.push(unknownClient);
    await source.fresh(alice, github);
    expect(await kindFor(carol, source)).toBe('access');
    setup.server.answers.push(unknownClient);
    expect(await source.fresh(bob, github)).toEqual({ kind: 'stopped', code: 'invalid_client' });
    expect(await setup.stores.clientStops.list()).toEqual([]);
  });

  it('stops nothing when a grant type is not for this client, however many Connections get that answer', async () => {
    const source = new AccessTokens(setup.ports);
    for (const viewer of [alice, bob]) {
      setup.server.answers.push({ kind: 'invalid-client', code: 'unauthorized_client' });
      await source.fresh(viewer, github);
      setup.clock.pass(MINUTE);
    }
    expect(await setup.stores.clientStops.list()).toEqual([]);
  });

  it('stops nothing for what another Connection was answered more than an hour ago', async () => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(unknownClient);
    await source.fresh(alice, github);
    setup.clock.pass(HOUR + SECOND);
    setup.server.answers.push(unknownClient);
    expect(await source.fresh(bob, github)).toEqual({ kind: 'stopped', code: 'invalid_client' });
    expect(await setup.stores.clientStops.list()).toEqual([]);
  });

  it('stops a client at a code exchange at once', async () => {
    setup.server.answers.push(unknownClient);
    await stepsOf(setup)
      .connect('cy', 'github', carol)
      .catch(() => undefined);
    expect(await setup.stores.clientStops.list()).toMatchObject([{ provider: 'github' }]);
    expect(await kindFor(alice)).toBe('stopped');
  });

  describe('“Ask again”', () => {
    const retry = () =>
      retryProvider(withRecords(setup.ports, [record('provider', 'github')]), 'github', {
        kind: 'system',
      });

    it('lets everyone ask at once, on every process', async () => {
      await stepsOf(setup).connect('cy', 'github', carol);
      setup.clock.pass(HOUR);
      const [here, there] = [new AccessTokens(setup.ports), new AccessTokens(setup.ports)];
      for (const viewer of [alice, bob, carol]) {
        setup.server.answers.push({ kind: 'rate-limited', retryAfter: 3600 });
        await here.fresh(viewer, github);
      }
      setup.clock.pass(SECOND);
      await retry();
      for (const [viewer, source] of [
        [alice, here],
        [bob, there],
      ] as const)
        expect(await kindFor(viewer, source)).toBe('access');
    });

    it('is not undone by what was asked before it', async () => {
      const source = new AccessTokens(setup.ports);
      setup.server.answers.push(unknownClient);
      await source.fresh(alice, github);
      setup.clock.pass(MINUTE);
      // The answer arrives after the word.
      setup.server.answers.push(async () => {
        await retry();
        return unknownClient;
      });
      await source.fresh(bob, github);
      expect(await setup.stores.clientStops.list()).toEqual([]);
      expect(await kindFor(bob, source)).toBe('access');
      expect(await kindFor(alice, source)).toBe('access');
    });

    it('outlasts a code exchange that was asked before it', async () => {
      setup.server.answers.push(async () => {
        setup.clock.pass(SECOND);
        await retry();
        return unknownClient;
      });
      await stepsOf(setup)
        .connect('cy', 'github', carol)
        .catch(() => undefined);
      expect(await setup.stores.clientStops.list()).toEqual([]);
      expect(await kindFor(alice)).toBe('access');
    });

    it('forgets what one was answered, also when that answer arrives after it', async () => {
      const source = new AccessTokens(setup.ports);
      setup.server.answers.push(async () => {
        setup.clock.pass(SECOND);
        await retry();
        return unknownClient;
      });
      await source.fresh(alice, github);
      setup.clock.pass(MINUTE);
      setup.server.answers.push(unknownClient);
      expect(await source.fresh(bob, github)).toEqual({ kind: 'stopped', code: 'invalid_client' });
      expect(await setup.stores.clientStops.list()).toEqual([]);
    });
  });

  it('that stopped a client is kept without anything that guesses at its secret could be tried on', () => {
    const { digest, stores } = setup.ports;
    const client = { id: 'client-1', secret: new Secret('guessable') };
    const key = clientKey(setup.ports, { provider: github, client });
    expect(clientKey(setup.ports, { provider: github, client })).toBe(key);
    expect(
      clientKey(setup.ports, {
        provider: github,
        client: { ...client, secret: new Secret('another') },
      }),
    ).not.toBe(key);
    // Another registration, and anything else by which tokens are asked for, is another one.
    expect(clientKey(setup.ports, { provider: github, client: { ...client, id: 'client-2' } })).not.toBe(key);
    for (const changed of [
      { id: 'other' },
      { tokenEndpoint: 'https://github.example/token2' },
      { clientAuthentication: 'body' },
      { grantTypes: { ...github.grantTypes, refreshToken: 'refresh-token' } },
      { errorCodes: { gone: 'invalid_grant' } },
      { refreshSendsRedirectUri: true },
      { clientIdInBody: true },
      { basicEncoding: 'raw' },
      { tokenRequest: 'json' },
      { tokenParameters: { expires_in: '1800' } },
      { refreshParameters: { scope: 'read' } },
      { refreshEndpoint: 'https://github.example/refresh' },
      { resource: 'https://api.github.example' },
      { audience: 'tickets' },
    ] as const)
      expect(clientKey(setup.ports, { provider: { ...github, ...changed }, client })).not.toBe(key);
    const elsewhere = { digest, stores: { fingerprints: { of: (secret: string) => secret } } };
    expect(clientKey(elsewhere, { provider: github, client })).not.toBe(key);
    expect(stores.fingerprints.of('guessable')).not.toBe(digest.sha256('guessable').slice(0, 12));
  });

  it('that stopped a client is about the record as it was: another secret serves, and so does the old one when it comes back', async () => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(unknownClient, unknownClient);
    await source.fresh(alice, github);
    await source.fresh(bob, github);
    const other = { ...github, client: { id: 'client-1', secret: new Secret('another') } };
    await endStaleStops(setup.ports, { ids: ['github'], known: [other] });
    expect(await setup.stores.clientStops.list()).toEqual([]);
    setup.clock.pass(HOUR);
    expect((await source.fresh(alice, other)).kind).toBe('access');
    await endStaleStops(setup.ports, { ids: ['github'], known: [github] });
    expect((await source.fresh(bob, github)).kind).toBe('access');
  });

  it('that stopped a client ends with its provider', async () => {
    const source = new AccessTokens(setup.ports);
    setup.server.answers.push(unknownClient, unknownClient);
    await source.fresh(alice, github);
    await source.fresh(bob, github);
    expect(await setup.stores.clientStops.list()).toHaveLength(1);
    await endStaleStops(setup.ports, { ids: [], known: [] });
    expect(await setup.stores.clientStops.list()).toEqual([]);
  });
});
