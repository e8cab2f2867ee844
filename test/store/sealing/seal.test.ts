import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { type Place, Sealer, type SetupPlace } from '../../../src/store/sealing/seal.js';
import type { SealingKey } from '../../../src/store/sealing/sealing-key.js';
import { ada, bob, keyRing } from '../fixtures.js';

const place: Place = {
  kind: 'connection',
  flow: 'flow-1',
  viewer: ada,
  provider: 'mingle',
  field: 'tokens',
  version: 7,
};
const elsewhere: Readonly<Record<string, Place>> = {
  'another kind of row': { ...place, kind: 'flow' },
  'another row': { ...place, flow: 'flow-2' },
  'another viewer': { ...place, viewer: bob },
  'the same sub at another host': { ...place, viewer: viewerOf('wiki', 'ada') },
  'another provider': { ...place, provider: 'gocd' },
  'another column': { ...place, field: 'verifier' },
  'an older version': { ...place, version: 6 },
  'parts cut at another place': {
    ...place,
    viewer: { ...ada, id: `${ada.id}m` as never },
    provider: 'ingle',
  },
};

const record: SetupPlace = { kind: 'setup', record: 'provider', id: 'wiki', version: 7 };
const otherRecords: Readonly<Record<string, SetupPlace>> = {
  'another kind': { ...record, record: 'host' },
  'another record': { ...record, id: 'portal' },
  'an older version': { ...record, version: 6 },
};

const flipped = (sealed: string, byte: number): string => {
  const dot = sealed.indexOf('.');
  const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
  bytes.writeUInt8(bytes.readUInt8(byte) ^ 1, byte);
  return `${sealed.slice(0, dot)}.${bytes.toString('base64url')}`;
};

describe('a sealed text', () => {
  it('opens where it belongs, and says nothing of its content but the length', () => {
    const seal = new Sealer(keyRing('k'));
    const sealed = seal.seal('a token ✓', place);
    expect(seal.open(sealed, place)).toBe('a token ✓');
    expect(sealed).toMatch(/^k\.[A-Za-z0-9_-]+$/);
    expect(seal.seal('a token ✓', place)).not.toBe(sealed);
    expect(seal.open(seal.seal('', place), place)).toBe('');
  });

  it.each(Object.keys(elsewhere))('does not open in %s', (name) => {
    const seal = new Sealer(keyRing('k'));
    expect(seal.open(seal.seal('a token', place), elsewhere[name] as Place)).toBeNull();
  });

  it.each(Object.keys(otherRecords))('does not open in %s of what administrators made', (name) => {
    const seal = new Sealer(keyRing('k'));
    const sealed = seal.seal('an entry', record);
    expect(seal.open(sealed, record)).toBe('an entry');
    expect(seal.open(sealed, otherRecords[name] as SetupPlace)).toBeNull();
  });

  it('does not open as another person’s, of those that the audit log knows', () => {
    const seal = new Sealer(keyRing('k'));
    const sealed = seal.seal('a key', { kind: 'audit-person', viewer: ada });
    expect(seal.open(sealed, { kind: 'audit-person', viewer: ada })).toBe('a key');
    expect(seal.open(sealed, { kind: 'audit-person', viewer: bob })).toBeNull();
  });

  it('does not open when a bit of IV, content or tag was changed', () => {
    const seal = new Sealer(keyRing('k'));
    const sealed = seal.seal('a token', place);
    for (const byte of [0, 12, 18, 19, 34]) expect(seal.open(flipped(sealed, byte), place)).toBeNull();
    expect(seal.open(sealed.slice(0, -1), place)).toBeNull();
  });

  it('does not open when it is no sealed text at all', () => {
    const seal = new Sealer(keyRing('k'));
    for (const text of ['', 'k', 'k.', '.', 'k.AAAA', '__proto__.AAAA', `k.${'A'.repeat(37)}`, 'k.☃'])
      expect(seal.open(text, place)).toBeNull();
  });

  it('does not open with a tag of four bytes, which can be guessed', () => {
    const bytes = Buffer.alloc(32, 'k');
    const cipher = createCipheriv('aes-256-gcm', bytes, Buffer.alloc(12), { authTagLength: 4 });
    const text = Buffer.concat([
      Buffer.alloc(12),
      cipher.update('a token'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    expect(new Sealer(keyRing('k')).open(`k.${text.toString('base64url')}`, place)).toBeNull();
  });
});

describe('a key ring', () => {
  it('seals with its first key and opens with all', () => {
    const old = new Sealer(keyRing('old')).seal('a token', place);
    const ring = new Sealer(keyRing('new', 'old'));
    expect(ring.open(old, place)).toBe('a token');
    expect(ring.seal('a token', place)).toMatch(/^new\./);
  });

  it('opens nothing sealed by a key it does not have, even under the same id', () => {
    const sealed = new Sealer(keyRing('k')).seal('a token', place);
    expect(new Sealer(keyRing('other')).open(sealed, place)).toBeNull();
    const key = new Secret(Buffer.alloc(32, 'another').toString('base64url'));
    expect(new Sealer([{ id: 'k', key }]).open(sealed, place)).toBeNull();
    expect(new Sealer(keyRing('other', 'k')).open(`other${sealed.slice(1)}`, place)).toBeNull();
    const [k] = keyRing('k');
    const twice = new Sealer([{ ...k, id: 'other' } as SealingKey, k as SealingKey]);
    expect(twice.open(sealed, place)).toBe('a token');
    expect(twice.open(`other${sealed.slice(1)}`, place)).toBeNull();
  });

  it('is refused when it is empty, has a short key, or two of one name', () => {
    const short = { id: 'k', key: new Secret(Buffer.alloc(31, 'k').toString('base64url')) };
    expect(() => new Sealer([])).toThrow(/key ring is empty.*oriel keys new/);
    expect(() => new Sealer([short])).toThrow(/Key k is not 32 bytes.*oriel keys new/);
    expect(() => new Sealer(keyRing('k', 'k'))).toThrow(/Two keys.*k/);
  });

  it('takes another ring while it is used, and keeps the one it has when that one is unusable', () => {
    const seal = new Sealer(keyRing('old'));
    const sealed = seal.seal('a token', place);
    seal.use(keyRing('new', 'old'));
    expect(seal.ids()).toEqual(['new', 'old']);
    expect(seal.open(sealed, place)).toBe('a token');
    expect(seal.seal('a token', place)).toMatch(/^new\./);
    expect(() => seal.use([])).toThrow(/key ring is empty/);
    expect(seal.seal('a token', place)).toMatch(/^new\./);
    seal.use(keyRing('new'));
    expect(seal.open(sealed, place)).toBeNull();
  });
});

describe('A key for one purpose', () => {
  const bytes = (purpose: string, salt: string, id = 'k') =>
    new Sealer(keyRing('k', 'l')).derive(id, purpose, Buffer.from(salt))?.export().toString('hex');

  it('is the same each time, and another for another purpose, salt or key of the ring', () => {
    expect(bytes('backup', 'a')).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes('backup', 'a')).toBe(bytes('backup', 'a'));
    const all = [bytes('backup', 'a'), bytes('other', 'a'), bytes('backup', 'b'), bytes('backup', 'a', 'l')];
    expect(new Set(all).size).toBe(4);
    expect(bytes('backup', 'a', 'unknown')).toBeUndefined();
  });
});
