import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Fingerprints } from '../../../src/store/sealing/fingerprints.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { keyRing } from '../fixtures.js';

const SECRET = 'a secret that is easy to guess';

it('A fingerprint distinguishes secrets, and does not help anyone guess them', () => {
  const fingerprints = new Fingerprints(new Sealer(keyRing('k')));
  const shown = fingerprints.of(SECRET);
  expect(shown).toMatch(/^[\w-]{12}$/);
  expect(fingerprints.of(SECRET)).toBe(shown);
  expect(fingerprints.of(`${SECRET}.`)).not.toBe(shown);
  expect(new Fingerprints(new Sealer(keyRing('other'))).of(SECRET)).not.toBe(shown);
  for (const encoding of ['base64url', 'hex'] as const)
    expect(createHash('sha256').update(SECRET).digest(encoding)).not.toContain(shown.slice(0, 6));
});

it('After a rotation a secret has another one, and is still known by the old as long as its key is there', () => {
  const ring = new Sealer(keyRing('old'));
  const fingerprints = new Fingerprints(ring);
  const before = fingerprints.of(SECRET);
  ring.use([...keyRing('new'), ...keyRing('old')]);
  expect(fingerprints.of(SECRET)).not.toBe(before);
  expect(fingerprints.matches(SECRET, before)).toBe(true);
  expect(fingerprints.matches(`${SECRET}.`, before)).toBe(false);
  ring.use(keyRing('new'));
  expect(fingerprints.matches(SECRET, before)).toBe(false);
  expect(fingerprints.matches(SECRET, fingerprints.of(SECRET))).toBe(true);
});
