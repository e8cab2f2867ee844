import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigFaults } from '../../src/config/config-faults.js';
import { configFile, readConfig } from '../../src/config/read-config.js';
import { configOf, environment, faultsOf, linesOf, RING_KEY, sample } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'oriel-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const refusal = (file: string): ConfigFaults => {
  try {
    readConfig(file, environment);
  } catch (error) {
    if (error instanceof ConfigFaults) return error;
    throw error;
  }
  throw new Error('it was read');
};

describe('Reading the configuration', () => {
  it('returns hosts, providers and settings, with paths made absolute from the file’s folder', () => {
    const data = { ...sample(), gadgets: ['./mine'], database: 'sqlite:data/oriel.db' };
    const file = write('oriel.yaml', stringify(data));
    const config = readConfig(file, environment);
    expect(config).toMatchObject({
      file,
      gadgetOrigin: 'https://gadgets.example.com',
      siteOrigin: 'https://oriel.example.com',
      listen: { host: '127.0.0.1', port: 3000 },
      database: `sqlite:${join(folder, 'data/oriel.db')}`,
      gadgets: [join(folder, 'mine')],
      logLevel: 'info',
      unusedConnectionDays: 90,
      maxStale: 300,
      renderBudget: 1500,
      memoryBudget: 0,
      trustedProxies: [],
    });
    expect(config.keys.map(({ id, key }) => `${id}:${key.reveal()}`)).toEqual([RING_KEY]);
    expect(config.hosts.map((host) => host.id)).toEqual(['gocd']);
  });

  it('keeps a database in memory in memory', () => {
    expect(configOf({ ...sample(), database: 'sqlite::memory:' }).database).toBe('sqlite::memory:');
  });

  it('cannot be changed afterwards, however deep', () => {
    const config = configOf(sample());
    const [provider] = config.providers;
    if (provider?.kind !== 'complete') throw new Error('the sample names its endpoints');
    for (const part of [config, config.listen, config.hosts, config.hosts[0], provider.provider.errorCodes]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('never prints a secret when it is printed itself', () => {
    const printed = `${inspect(configOf(sample()), { depth: 20 })}${JSON.stringify(configOf(sample()))}`;
    for (const secret of Object.values(environment)) {
      expect(printed).not.toContain(secret);
      expect(printed).not.toContain(secret?.split(':').at(-1));
    }
  });

  it('takes the file from the command line, else from ORIEL_CONFIG, else oriel.yaml', () => {
    expect(configFile('a.yaml', { ORIEL_CONFIG: 'b.yaml' })).toBe('a.yaml');
    expect(configFile(undefined, { ORIEL_CONFIG: 'b.yaml' })).toBe('b.yaml');
    expect(configFile(undefined, { ORIEL_CONFIG: '' })).toBe('oriel.yaml');
    expect(configFile(undefined, {})).toBe('oriel.yaml');
  });
});

describe('A file that cannot be read', () => {
  it('is a fault that says how to name another, when it is missing', () => {
    const [fault] = refusal(join(folder, 'absent.yaml')).faults;
    expect(fault).toMatchObject({ file: join(folder, 'absent.yaml'), problem: 'there is no such file' });
    expect(fault?.expected).toContain('--config FILE');
  });

  it('is a fault when it is a folder, a pipe, too large, or no path at all', () => {
    mkdirSync(join(folder, 'd'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const large = write('large.yaml', '#'.repeat(1024 * 1024 + 1));
    const problems = [join(folder, 'd'), join(folder, 'pipe'), large, 'a\0b'].map(
      (file) => refusal(file).faults[0]?.problem,
    );
    expect(problems).toEqual([
      'this is no regular file',
      'this is no regular file',
      'this file is larger than 1 MB',
      'the file cannot be read (ERR_INVALID_ARG_VALUE)',
    ]);
  });

  it('is a fault when it is not UTF-8', () => {
    const latin = write('latin.yaml', Buffer.from('hosts: caf\xe9', 'latin1'));
    expect(refusal(latin).faults[0]?.problem).toBe('the file is not UTF-8 text');
  });
});

describe('Several mistakes', () => {
  it('of a key that belongs to another form name the keys of all forms once, and never that key', () => {
    const { gocd } = sample().hosts;
    const key = { algorithm: 'ES256', jwks: 'https://gocd.example.com/jwks' };
    const fault = faultsOf({ ...sample(), hosts: { gocd: { ...gocd, key } } }).find(
      ({ path }) => path === 'hosts.gocd.key.algorithm',
    );
    expect(fault).toMatchObject({
      problem: 'this key is not known here',
      expected: 'one of: secret, algorithms, publicKey, jwks',
      example: 'algorithms',
    });
  });

  it('are all reported at once, in the file’s order, each with its line, what was expected and an example', () => {
    const { keys: _keys, ...data } = sample();
    const faults = faultsOf({
      ...data,
      gadgetOrigin: 'http://gadgets.example.com',
      logLevel: 'loud',
      providers: { mingle: { ...data.providers.mingle, pkce: 'plain', client: { id: 'x' } } },
      frobnicate: true,
    });
    expect(faults.map(({ path, line }) => [path, line])).toEqual([
      ['gadgetOrigin', 1],
      ['keys', 1],
      ['providers.mingle.client.secret', 20],
      ['providers.mingle.pkce', 22],
      ['logLevel', 23],
      ['frobnicate', 24],
    ]);
    for (const fault of faults) expect(fault.expected).not.toBe('');
    expect(faults.find(({ path }) => path === 'keys')?.expected).toContain('oriel keys new');
    expect(faults.find(({ path }) => path === 'logLevel')?.example).toBe('info');
  });

  it('do not hide what is wrong between parts that are right', () => {
    const data = sample();
    expect(
      linesOf({
        ...data,
        siteOrigin: data.gadgetOrigin,
        logLevel: 'loud',
        hosts: { gocd: { ...data.hosts.gocd, providers: ['mingel'] } },
      }),
    ).toEqual([
      'siteOrigin: this is the same origin as gadgetOrigin',
      'hosts.gocd.providers[0]: there is no provider mingel',
      expect.stringContaining('logLevel: this is not one of'),
    ]);
  });

  it('are reported as sentences', () => {
    const error = refusal(write('negative.yaml', stringify({ ...sample(), maxStale: -1 })));
    expect(error.message).toBe(
      [
        `${join(folder, 'negative.yaml')}:25 maxStale: this is not a whole number from 0 to 86400.`,
        '    expected: Seconds an answer may be shown while its provider is down, 0 to 86400; 0 shows none.',
        '    example:  300',
      ].join('\n'),
    );
  });
});
