import { afterEach, beforeEach, expect, it } from 'vitest';
import { FailureNotes } from '../../src/render/failure-notes.js';
import { alice, bob, type ConnectSetup, setUpConnect } from '../connect/connect-setup.js';

let setup: ConnectSetup;
beforeEach(async () => {
  setup = await setUpConnect();
});
afterEach(() => setup.stores.close());

it('What is not shown because a provider failed is logged with the viewer’s request, each cause once in ten minutes', async () => {
  const notes = new FailureNotes(setup.ports);
  const down = { provider: 'github', code: 'http-503' };
  const note = (requestId: string, viewer = alice, failures = [down]) =>
    notes.note({ gadget: 'reviews', viewer, requestId, failures });
  const logged = async () =>
    (await setup.stores.audit.list({ actions: ['gadget.failed'] }, { before: null, limit: 50 })).map(
      ({ code, requestId }) => `${code} ${requestId}`,
    );
  note('one');
  note('two', bob);
  note('three', bob, [down, { provider: 'mingle', code: 'json-syntax at 17' }]);
  note('four', bob, [{ provider: 'mingle', code: 'json-syntax at 18' }]);
  await expect.poll(logged).toEqual(['json-syntax at 17 three', 'http-503 one']);
  setup.clock.pass(10 * 60_000);
  note('four');
  await expect.poll(logged).toEqual(['http-503 four', 'json-syntax at 17 three', 'http-503 one']);
});
