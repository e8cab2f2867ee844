import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { TestClock } from '../support/test-clock.js';
import { ada, bob, frameSession, keyRing, newFrameSession } from './fixtures.js';

/** A frame session in memory would let its frame start something new for a viewer who is gone. */
describe('a frame session that was just used', () => {
  let stores: Stores;
  beforeEach(async () => {
    stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k'), clock: new TestClock() });
    for (const viewer of [ada, bob]) {
      const session = frameSession(viewer.sub, { viewer });
      await stores.frameSessions.launch(newFrameSession(session, viewer.sub));
      expect(await seen(viewer.sub)).toMatchObject({ viewer });
    }
  });
  afterEach(() => stores.close());

  const seen = (id: string) => stores.frameSessions.byBearer(`bearer-of-${id}`);

  it('is over at once when its viewer is erased, and no one else’s is', async () => {
    await stores.connectionLists.erase(ada);
    expect(await seen(ada.sub)).toBeNull();
    expect(await seen(bob.sub)).not.toBeNull();
  });

  it('is over at once when its host leaves', async () => {
    await stores.bulkDisconnects.endSessions('another');
    expect(await seen(ada.sub)).not.toBeNull();
    await stores.bulkDisconnects.endSessions(ada.host);
    expect([await seen(ada.sub), await seen(bob.sub)]).toEqual([null, null]);
  });
});
