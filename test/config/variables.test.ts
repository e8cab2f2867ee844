import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigFaults } from '../../src/config/config-faults.js';
import { readConfig } from '../../src/config/read-config.js';
import { configOf, environment, faultsOf, linesOf, sample } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'oriel-variables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: string) => {
  const data = sample();
  return { ...data, hosts: { gocd: { ...data.hosts.gocd, name } } };
};
const nameOf = (name: string, env: Record<string, string>) =>
  configOf(named(name), { ...environment, ...env }).hosts[0]?.name;

describe('Variables in the configuration', () => {
  it('are replaced anywhere in a text, several in one', () => {
    expect(nameOf(`\${A}-\${B} at work`, { A: 'Go', B: 'CD' })).toBe('Go-CD at work');
  });

  it('fall back to a default when unset or empty, as in a shell', () => {
    expect(nameOf(`\${A:-GoCD}`, {})).toBe('GoCD');
    expect(nameOf(`\${A:-GoCD}`, { A: '' })).toBe('GoCD');
    expect(nameOf(`\${A:-GoCD}`, { A: 'Go' })).toBe('Go');
  });

  it('are written with two dollar signs to be left alone', () => {
    expect(nameOf(`Go $\${A} $5`, {})).toBe(`Go \${A} $5`);
  });

  it('are not looked for in what a variable holds', () => {
    expect(nameOf(`\${A}`, { A: `\${MINGLE_SECRET}` })).toBe(`\${MINGLE_SECRET}`);
  });

  it('can stand for numbers', () => {
    const data = { ...sample(), listen: { port: `\${PORT:-8080}` }, maxStale: `\${STALE}` };
    expect(configOf(data, { ...environment, STALE: '0' })).toMatchObject({
      listen: { port: 8080 },
      maxStale: 0,
    });
  });

  it('keep a secret of digits a text', () => {
    const data = sample();
    const secret = '1234567890'.repeat(4);
    const [host] = configOf(data, { ...environment, GOCD_HOST_SECRET: secret }).hosts;
    expect(host?.key.kind === 'secret' && host.key.secret.reveal()).toBe(secret);
  });

  it('that are unknown are one fault each, and cause no other', () => {
    const lines = linesOf(sample(), {});
    expect(lines).toEqual([
      'keys[0]: the environment has no variable ORIEL_KEY',
      'hosts.gocd.key.secret: the environment has no variable GOCD_HOST_SECRET',
      'providers.mingle.client.secret: the environment has no variable MINGLE_SECRET',
    ]);
  });

  it('are not found on the environment object’s prototype', () => {
    expect(linesOf(named(`\${constructor}`))).toEqual([
      'hosts.gocd.name: the environment has no variable constructor',
    ]);
  });

  it.each([`\${`, `\${}`, `\${A`, `\${A B}`, `\${A-b}`, `\${1A}`])(
    'are a fault when written as %s',
    (text) => {
      expect(linesOf(named(text))).toEqual(
        ['hosts.gocd.name: a ${ starts here that no form of ours goes on with'].map(String),
      );
    },
  );

  it('never show what they hold in a fault', () => {
    const env = {
      ...environment,
      GOCD_HOST_SECRET: 'canary-short',
      ORIEL_KEY: 'canary:key',
      MINGLE_SECRET: 'canary\n',
    };
    const faults = faultsOf(sample(), env);
    expect(faults.map(({ path }) => path)).toEqual([
      'keys[0]',
      'hosts.gocd.key.secret',
      'providers.mingle.client.secret',
    ]);
    expect(JSON.stringify(faults)).not.toContain('canary');
  });
});

describe('Files in the configuration', () => {
  const read = (text: string) => {
    writeFileSync(join(folder, 'oriel.yaml'), stringify(named(text)));
    return readConfig(join(folder, 'oriel.yaml'), environment).hosts[0]?.name;
  };

  it('are read relative to it, without the newline at their end', () => {
    writeFileSync(join(folder, 'name.txt'), 'GoCD\n');
    expect(read(`\${file:name.txt}`)).toBe('GoCD');
    expect(read(`\${file:./name.txt} 2`)).toBe('GoCD 2');
    writeFileSync(join(folder, 'name.txt'), 'GoCD\r\n');
    expect(read(`\${file:${join(folder, 'name.txt')}}`)).toBe('GoCD');
  });

  it.each([
    ['missing.txt', 'missing.txt: there is no such file'],
    ['.', '.: this is no regular file'],
    ['latin.txt', 'latin.txt: the file is not UTF-8 text'],
  ])('are a fault when they are like %s', (path, problem) => {
    writeFileSync(join(folder, 'latin.txt'), Buffer.from([0xe9]));
    try {
      read(`\${file:${path}}`);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigFaults);
      expect(error instanceof ConfigFaults && error.faults.map((fault) => fault.problem)).toEqual([problem]);
    }
  });
});
