import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigFaults } from '../../src/config/config-faults.js';
import { parseConfig } from '../../src/config/read-config.js';
import { readEntry } from '../../src/config/read-entry.js';

const KEY = `k1:${Buffer.alloc(32, 5).toString('base64url')}`;
const OTHER = `k0:${Buffer.alloc(32, 6).toString('base64url')}`;

const read = (more: string, env: Readonly<Record<string, string>>) =>
  parseConfig(
    Buffer.from(`gadgetOrigin: https://g.example.com\nsiteOrigin: https://o.example.net\n${more}`),
    '/srv/oriel/oriel.yaml',
    { KEY, ...env },
  );

const faultsOf = (more: string, env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    read(more, env);
  } catch (error) {
    if (error instanceof ConfigFaults) return error.faults.map(({ path, problem }) => `${path}: ${problem}`);
    throw error;
  }
  return [];
};

const HOST = `hosts:\n  gocd:\n    origins: "\${ORIGINS}"\n    key: { algorithm: HS256, secret: ${'s'.repeat(40)} }\n`;

describe('a list that one variable holds', () => {
  it('is words with commas between them, or JSON', () => {
    const more = `keys: "\${KEYS}"\ntrustedProxies: "\${PROXIES}"\ngadgets: "\${FOLDERS:-./a, ./b}"\n${HOST}`;
    const config = read(more, {
      KEYS: `${KEY},${OTHER}`,
      PROXIES: ' 10.0.0.0/8 , 127.0.0.1,',
      ORIGINS: '["https://a.example", "https://b.example"]',
    });
    expect(config.keys.map(({ id }) => id)).toEqual(['k1', 'k0']);
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '127.0.0.1']);
    expect(config.gadgets).toEqual(['/srv/oriel/a', '/srv/oriel/b']);
    expect(config.hosts[0]?.origins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('is none where the variable is empty', () => {
    expect(
      read(`keys: [ "\${KEY}" ]\ntrustedProxies: "\${PROXIES}"`, { PROXIES: '' }).trustedProxies,
    ).toEqual([]);
  });

  it('is checked item by item, and its mistakes are those of a list', () => {
    const more = `keys: [ "\${KEY}" ]\ntrustedProxies: "\${PROXIES}"`;
    expect(faultsOf(more, { PROXIES: '10.0.0.0/8,nonsense' })).toEqual([
      'trustedProxies[1]: this is no address range',
    ]);
    expect(faultsOf(more, { PROXIES: '["10.0.0.0/8"' })).toEqual(['trustedProxies: this is not a list']);
  });

  it('is no list where a text is written out, or a variable is only a part of it', () => {
    const wrong = ['trustedProxies: this is not a list'];
    expect(faultsOf(`keys: [ "\${KEY}" ]\ntrustedProxies: "10.0.0.0/8,127.0.0.1"`, {})).toEqual(wrong);
    expect(faultsOf(`keys: [ "\${KEY}" ]\ntrustedProxies: "10.0.0.0/8,\${PROXY}"`, { PROXY: '::1' })).toEqual(
      wrong,
    );
  });

  it('leaves a text with commas alone where a text is wanted', () => {
    const { hosts } = read(`keys: [ "\${KEY}" ]\n${HOST.replace('key:', `name: "\${NAME}"\n    key:`)}`, {
      ORIGINS: 'https://a.example',
      NAME: 'One, two',
    });
    expect(hosts[0]?.name).toBe('One, two');
  });

  it('can stand in the file of one host or provider too', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'oriel-lists-')), 'gocd.yaml');
    writeFileSync(file, `origins: "\${ORIGINS}"\nkey: { algorithm: HS256, secret: ${'s'.repeat(40)} }\n`);
    const { entry } = readEntry(file, 'host', { ORIGINS: 'https://a.example,https://b.example' });
    expect(entry.origins).toEqual(['https://a.example', 'https://b.example']);
  });
});
