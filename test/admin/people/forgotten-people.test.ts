import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditWriter } from '../../../src/admin/audit/audit-writer.js';
import { asViewer, SYSTEM } from '../../../src/domain/actor.js';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { stepsOf } from '../../connect/steps.js';
import { alice, makeWorld, type World } from '../../connect/world.js';

const tried: AuditEvent = {
  action: 'flow.started',
  by: asViewer(alice),
  outcome: 'done',
  provider: 'github',
};

/** What is told of somebody late must not name them anew: nobody would forget them a second time. */
describe('A person whom the audit log has forgotten', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.stores.close());

  const last = async () => (await world.stores.audit.list({}, { before: null, limit: 1 }))[0];

  it.each([
    ['one more', 6],
    ['many more', 9],
  ])('stays forgotten when %s of what they did was still being counted', async (_, times) => {
    const log = new AuditWriter(world.stores.audit, {
      clock: {
        now: () => world.clock.now(),
        monotonic: () => world.clock.now(),
        sleep: () => new Promise<void>(() => {}),
      },
      journal: world.ports.journal,
    });
    for (let n = 0; n < times; n += 1) await log.record(tried);
    await world.stores.audit.forget(alice);
    await log.close();
    expect(await world.stores.audit.personOf(alice)).toBeNull();
    expect(await last()).toMatchObject({
      times: times - 5,
      person: null,
      actor: { kind: 'viewer', id: null },
    });
    expect(await world.stores.audit.verify()).toMatchObject({ intact: true });
  });

  it('stays forgotten when the server ends something of theirs afterwards', async () => {
    await stepsOf(world).connect('ada');
    await world.stores.audit.forget(alice);
    await world.ports.audit.record({
      ...{
        action: 'connection.revoked-late',
        by: SYSTEM,
        outcome: 'done',
        viewer: alice,
        provider: 'github',
      },
    });
    expect(await world.stores.audit.personOf(alice)).toBeNull();
    expect(await last()).toMatchObject({ action: 'connection.revoked-late', person: null, host: 'gocd' });
  });
});
