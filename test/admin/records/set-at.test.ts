import { describe, expect, it } from 'vitest';
import { dated, maskEntry, restoreMasked, settingTimes } from '../../../src/admin/records/masking.js';
import { Fingerprints } from '../../../src/store/sealing/fingerprints.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { key } from './record-setup.js';

const entry = (secret: string, ofWiki?: string) => ({
  client: { id: 'oriel', secret },
  ...(ofWiki !== undefined && { clients: { wiki: { id: 'w', secret: ofWiki } } }),
});

describe('When a secret was set', () => {
  it('is the time of the change that set it, not of any later one', () => {
    const first = settingTimes('provider', entry('one'), { entry: null, secretsSetAt: {} }, 100);
    expect(first).toEqual({ 'client.secret': 100 });
    const before = { entry: entry('one'), secretsSetAt: first };
    expect(settingTimes('provider', { ...entry('one'), name: 'X' }, before, 200)).toEqual(first);
    expect(settingTimes('provider', entry('one', 'two'), before, 300)).toEqual({
      'client.secret': 100,
      'clients.wiki.secret': 300,
    });
    expect(settingTimes('provider', entry('new'), before, 400)).toEqual({ 'client.secret': 400 });
  });

  it('is shown beside the secret’s fingerprint, which can still be sent back', () => {
    const fingerprints = new Fingerprints(new Sealer([key('k')]));
    const shown = dated('provider', maskEntry(fingerprints, 'provider', entry('one')), {
      'client.secret': 100,
    });
    expect(shown).toMatchObject({ client: { secret: { set: true, setAt: 100 } } });
    expect(restoreMasked(fingerprints, 'provider', shown, entry('one'))).toEqual(entry('one'));
  });

  it('is left out where it is not known', () => {
    const shown = dated(
      'provider',
      maskEntry(new Fingerprints(new Sealer([key('k')])), 'provider', entry('one')),
      {},
    );
    expect(shown).toEqual(maskEntry(new Fingerprints(new Sealer([key('k')])), 'provider', entry('one')));
  });
});
