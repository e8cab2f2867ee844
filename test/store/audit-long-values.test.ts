import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import { key } from '../admin/records/record-setup.js';
import { TestClock } from '../support/test-clock.js';

describe('A change too long for the audit log', () => {
  let stores: Awaited<ReturnType<typeof openStores>>;
  beforeEach(async () => {
    stores = await openStores({ url: 'sqlite::memory:', keys: [key('k')], clock: new TestClock() });
  });
  afterEach(() => stores.close());

  const loggedChange = async (before: string, after: string) => {
    const changes = [{ path: 'origins', before, after }];
    const by = { kind: 'admin', id: 'r', name: 'Ruth' } as const;
    const entry = await stores.audit.append(
      { action: 'host.changed', by, outcome: 'done', host: 'portal', changes },
      0,
    );
    return entry.changes[0];
  };

  it('still shows that its end was changed, so that nothing can be hidden behind what is long', async () => {
    const long = 'https://portal.example.com,'.repeat(200);
    const change = await loggedChange(long, `${long}https://theirs.example.net`);
    expect(change?.before).toMatch(/^https:\/\/portal.*… \(5400 characters, SHA-256 [\w-]{12}…\)$/);
    expect(change?.after).toMatch(/… \(5426 characters, SHA-256 [\w-]{12}…\)$/);
    expect(change?.after?.slice(-20)).not.toBe(change?.before?.slice(-20));
    expect(change?.after?.length).toBeLessThanOrEqual(2_000);
  });

  it('is shown in full where it fits', async () => {
    expect(await loggedChange('a'.repeat(2_000), 'b')).toMatchObject({
      before: 'a'.repeat(2_000),
      after: 'b',
    });
  });
});
