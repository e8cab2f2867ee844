import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import type { Actor } from '../../src/domain/actor.js';
import { ConfigReloader } from '../../src/server/reload-file.js';
import { key, type RecordSetup, ruth, setUpRecords, wiki } from '../admin/records/record-setup.js';
import { configOf, sample } from '../config/sample.js';
import { connect, newFlow, revealed } from '../store/fixtures.js';

const by: Actor = { kind: 'command', name: 'ann' };

describe('A changed file with other keys', () => {
  let app: RecordSetup;
  beforeEach(async () => {
    app = await setUpRecords();
  });
  afterEach(() => app.stores.close());

  const reloaderOf = (changed: Config) =>
    new ConfigReloader({
      config: app.config,
      readAgain: () => changed,
      take: () => undefined,
      setup: app.setup,
      gadgets: app.sameGadgets,
      deps: { ...app.ports, audit: { record: async () => undefined } },
      server: 'one',
    });

  it('is used, with its keys, once it is accepted', async () => {
    const { stores } = app;
    const connection = await connect(stores, newFlow('f'));
    const reloader = reloaderOf({ ...app.config, keys: [key('x'), key('k')] });
    expect(await reloader.reload(by)).toMatchObject({ problem: null });
    expect(stores.reseal.ring()).toEqual(['x', 'k']);
    expect(revealed(await stores.connections.tokens(connection))).not.toBeNull();
  });

  it('that is refused never makes tokens unreadable, whatever keys it has', async () => {
    const { stores } = app;
    await app.records.create('provider', 'wiki', wiki(), ruth);
    const connection = await connect(stores, newFlow('f'));
    const inBothPlaces = { ...sample(), providers: { ...sample().providers, wiki: wiki() } };
    const changed = { ...configOf(inBothPlaces), keys: [key('x')] };
    const reloader = reloaderOf(changed);
    const [outcome, tokens] = await Promise.all([reloader.reload(by), stores.connections.tokens(connection)]);
    expect(outcome.problem).toContain('declared both here and in the console');
    expect(revealed(tokens)).not.toBeNull();
    expect(stores.reseal.ring()).toEqual(['k']);
  });
});
