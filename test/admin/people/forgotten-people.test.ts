import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditWriter } from '../../../src/admin/audit/audit-writer.js';
import { asViewer, SYSTEM } from '../../../src/domain/actor.js';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { alice, type ConnectSetup, setUpConnect } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';

const tried: AuditEvent = {
  action: 'flow.started',
  by: asViewer(alice),
  outcome: 'done',
  provider: 'github',
};

/** What is recorded late about a person must not name them again: they would not be forgotten a second time. */
describe('A person whom the audit log has forgotten', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  const last = async () => (await setup.stores.audit.list({}, { before: null, limit: 1 }))[0];

  it.each([
    ['one more', 6],
    ['many more', 9],
  ])('stays forgotten when %s of what they did was still being counted', async (_, times) => {
    const log = new AuditWriter(setup.stores.audit, {
      clock: setup.clock.waiting,
      journal: setup.ports.journal,
    });
    for (let n = 0; n < times; n += 1) await log.record(tried);
    await setup.stores.audit.forget(alice);
    await log.close();
    expect(await setup.stores.audit.personOf(alice)).toBeNull();
    expect(await last()).toMatchObject({
      times: times - 5,
      person: null,
      actor: { kind: 'viewer', id: null },
    });
    expect(await setup.stores.audit.verify()).toMatchObject({ intact: true });
  });

  it('stays forgotten when the server ends something of theirs afterwards', async () => {
    await stepsOf(setup).connect('ada');
    await setup.stores.audit.forget(alice);
    await setup.ports.audit.record({
      ...{
        action: 'connection.revoked-late',
        by: SYSTEM,
        outcome: 'done',
        viewer: alice,
        provider: 'github',
      },
    });
    expect(await setup.stores.audit.personOf(alice)).toBeNull();
    expect(await last()).toMatchObject({ action: 'connection.revoked-late', person: null, host: 'gocd' });
  });
});
