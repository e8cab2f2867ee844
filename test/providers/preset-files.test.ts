import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { presets } from '../../src/providers/presets.js';
import { presetSchema, readPresets } from '../../src/providers/read-presets.js';
import { environment } from '../config/sample.js';
import { withProvider } from './one-provider.js';

const SHIPPED = 'src/providers/presets';
const folder = mkdtempSync(join(tmpdir(), 'presets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const acme = `title: Acme
about: Acme's tracker.
order: 4
url:
  example: https://acme.example.com/base
  paths:
    authorizationEndpoint: /authorize
    tokenEndpoint: /token
record:
  pkce: none
  grantTypes:
    refreshToken: again
  refused:
    when: { ok: false }
    code: error
  scopes: [read]
`;

describe('The files of presets', () => {
  it.each(readdirSync(SHIPPED))('%s holds what the schema knows', (file) => {
    const data: unknown = parse(readFileSync(join(SHIPPED, file), 'utf8'));
    expect(presetSchema.safeParse(data)).toMatchObject({ success: true });
  });

  it('are each a preset', () => {
    const names = presets.map(({ name }) => `${name}.yaml`);
    expect(names.toSorted()).toEqual(readdirSync(SHIPPED).toSorted());
  });

  it('are what is built', () => {
    expect(presets).toEqual(readPresets(SHIPPED));
  });
});

describe('A folder of presets', () => {
  let own: string;
  beforeEach(() => {
    own = mkdtempSync(join(folder, 'own-'));
    cpSync(SHIPPED, own, { recursive: true });
  });
  const put = (file: string, text: string) => writeFileSync(join(own, file), text);
  const shipped = (file: string) => readFileSync(join(SHIPPED, file), 'utf8');

  it('uses what a preset says, and the defaults for the rest', () => {
    put('acme.yaml', acme);
    expect(readPresets(own).find(({ name }) => name === 'acme')).toMatchObject({
      name: 'acme',
      url: { paths: { tokenEndpoint: '/token' } },
      fields: {
        pkce: 'none',
        grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'again' },
        clientAuthentication: 'basic',
        refused: { when: { ok: false }, code: 'error', expired: [] },
      },
    });
  });

  it.each([
    ['an unknown key', acme.replace('pkce: none', 'pkcee: none'), 'acme.yaml:10: record.pkcee: '],
    ['a wrong value', acme.replace('pkce: none', 'pkce: maybe'), 'acme.yaml:10: record.pkce: '],
    ['a missing key', acme.replace('title: Acme\n', ''), 'acme.yaml:1: title: '],
    ['no YAML', acme.replace('order: 4', 'order: ['), 'acme.yaml:4: '],
    ['a key twice', acme.replace('order: 4', 'title: Acme'), 'acme.yaml:3: '],
  ])('is refused with file and line for %s', (_what, text, place) => {
    put('acme.yaml', text);
    expect(() => readPresets(own)).toThrow(place);
  });

  const company = '{ from: token, at: c, kind: label, title: Company }';
  const origin = (hosts: string) => `{ from: token, at: o, kind: origin, title: Organization${hosts} }`;
  it.each([
    [
      'an endpoint on http',
      ['tokenEndpoint: http://login.acme.example/token'],
      'record.tokenEndpoint: plain http',
    ],
    [
      'a revocation on http',
      ['revocation: { url: "http://a.acme.example/x" }'],
      'record.revocation.url: plain http',
    ],
    [
      'an account on http',
      ['account: { target: "http://a.acme.example/me", id: id, label: name }'],
      'record.account.target: ',
    ],
    ['an API on http', ['api: http://api.acme.example'], 'record.api: plain http'],
    ['a further API on http', ['apis: { mail: http://mail.acme.example }'], 'record.apis.mail: plain http'],
    [
      'an API whose host anyone may have',
      ['api: "https://{facts.company}.com"', `facts: { company: ${company} }`],
      'record.api: ',
    ],
    [
      'an API with a port of a fact',
      ['api: "https://a.example.com:{facts.company}"', `facts: { company: ${company} }`],
      'record.api: ',
    ],
    [
      'an API with a user of a fact',
      ['api: "https://{facts.company}@a.example.com"', `facts: { company: ${company} }`],
      'record.api: ',
    ],
    [
      'an API with a fact that there is not',
      ['api: "https://{facts.company}.example.com"'],
      'record.api: there is no fact company',
    ],
    [
      'a further API whose host anyone may have',
      ['apis: { mail: "https://{facts.company}" }', `facts: { company: ${company} }`],
      'record.apis.mail: ',
    ],
    ['an origin without hosts', [`facts: { o: ${origin('')} }`], 'record.facts.o.hosts: this is missing'],
    ['an origin of any host', [`facts: { o: ${origin(', hosts: ["*"]')} }`], 'record.facts.o.hosts.0: '],
    [
      'an origin of a whole country',
      [`facts: { o: ${origin(', hosts: ["*.co.uk"]')} }`],
      'record.facts.o.hosts.0: anyone may have',
    ],
    [
      'an origin that is a URL',
      [`facts: { o: ${origin(', hosts: ["https://a.example.com/x"]')} }`],
      'record.facts.o.hosts.0: ',
    ],
    [
      'a fact that is asked of another origin',
      ['facts: { site: { from: request, at: id, target: "https://theirs.example/", title: Site } }'],
      'record.facts.site.target: this does not start with one slash',
    ],
  ])(
    'is refused with file and line for what would let a token travel: %s',
    (_what, [first = '', ...more], said) => {
      const lines = acme.replace(
        /^record:$/m,
        ['record:', ...more.map((each) => `  ${each}`), `  ${first}`].join('\n'),
      );
      put('acme.yaml', lines);
      expect(() => readPresets(own)).toThrow(`acme.yaml:${10 + more.length}: ${said}`);
    },
  );

  it('is refused for a path below `url` that leads to another host', () => {
    for (const path of [
      'https://theirs.example/token',
      '//theirs.example/token',
      '/\\theirs.example',
      'token',
      '/a/../../token',
      '/%2e%2E/x',
    ]) {
      put('acme.yaml', acme.replace('tokenEndpoint: /token', `tokenEndpoint: ${path}`));
      expect(() => readPresets(own), path).toThrow('acme.yaml:8: url.paths.tokenEndpoint: ');
    }
  });

  it('is refused when the default leaves something out, or there is no single one', () => {
    put('oauth2.yaml', shipped('oauth2.yaml').replace('  tokenType: bearer\n', ''));
    expect(() => readPresets(own)).toThrow('oauth2.yaml:10: record.tokenType: ');
    put('oauth2.yaml', shipped('oauth2.yaml').replace('default: true\n', ''));
    expect(() => readPresets(own)).toThrow('`default: true`');
    put('oauth2.yaml', shipped('oauth2.yaml'));
    put('acme.yaml', `${acme}default: true\n`);
    expect(() => readPresets(own)).toThrow('`default: true`');
  });
});

describe('A preset put into the folder', () => {
  const program = join(folder, 'program');
  // What is built starts once, for which it needs the texts of errors.
  for (const part of ['src', 'esbuild.config.mjs', 'package.json', 'docs/errors.md'])
    cpSync(part, join(program, part), { recursive: true });
  for (const beside of ['node_modules', 'templates', 'gadgets'])
    symlinkSync(resolve(beside), join(program, beside));

  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, args, {
      cwd: program,
      env: { PATH: process.env.PATH, ...environment },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    );
  const build = () => run('esbuild.config.mjs');
  const put = (text: string) => writeFileSync(join(program, SHIPPED, 'acme.yaml'), text);
  const check = (provider: unknown) => {
    const file = join(program, 'oriel.yaml');
    writeFileSync(file, stringify(withProvider(provider)));
    return run('dist/main.js', 'check', '--config', file);
  };
  const rest = { preset: 'acme', client: { id: 'oriel', secret: 's' } };
  const provider = { ...rest, url: 'https://acme.example.com/base' };

  it('works once it is built, without a line of code', async () => {
    put(acme);
    expect(await build()).toMatchObject({ code: 0 });
    expect(await check(provider)).toMatchObject({ code: 0 });
    expect((await check(rest)).said).toContain('https://acme.example.com/base');
  });

  it('fails the build with file and line where it is wrong', async () => {
    put(acme.replace('order: 4', 'order: first'));
    const { code, said } = await build();
    expect(code).not.toBe(0);
    expect(said).toContain('src/providers/presets/acme.yaml:3: order: ');
  });
});
