import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basePlaceProblem,
  expandBase,
  type FactRule,
  factValue,
  hostPatternProblem,
} from '../../src/providers/facts.js';
import { originsOf, providerAt } from '../../src/providers/provider.js';
import { linesOf } from '../config/sample.js';
import { providerFixture } from '../support/provider-fixture.js';
import { providerOf, standard, withProvider } from './one-provider.js';

const rule = (given: Partial<FactRule>): FactRule => ({
  ...{ from: 'token', at: 'x', kind: 'id', title: 'Site', target: null, items: '', label: null, hosts: [] },
  ...given,
});

const instance = rule({ kind: 'origin', hosts: ['*.my.example.com', 'login.example.com', '127.0.0.1:4000'] });
const rules = { instance, company: rule({ kind: 'label' }), cloud: rule({}) };

/** Texts that URL parsers disagree on, and any others. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      ...'aZ09.-_~@#?%/\\:;[]{}|^ \n\t\r\0'.split(''),
      '。',
      'ｅ',
      'K',
      'ß',
      '%2f',
      '..',
      '%2e',
      'my.example.com',
      'https://',
    ),
    maxLength: 30,
  }),
);

describe('A fact’s value', () => {
  it('never leads a call to a host that the record does not name, whatever it is', () => {
    fc.assert(
      fc.property(hostile, hostile, (before, after) => {
        for (const text of [
          before,
          `${before}.my.example.com`,
          `https://${before}.my.example.com${after}`,
          `https://login.example.com${after}`,
        ]) {
          const value = factValue(instance, text);
          if (value === null) continue;
          const { protocol, host, pathname, username } = new URL(value);
          expect([protocol, pathname, username]).toEqual(['https:', '/', '']);
          expect(
            host === 'login.example.com' || /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.my\.example\.com$/.test(host),
          ).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('stays one segment, and one label, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const path = expandBase('https://api.example.com/a/{facts.cloud}/b', rules, { cloud: text });
        if (path !== null) {
          const { origin, pathname, search, hash } = new URL(path);
          expect([origin, search, hash]).toEqual(['https://api.example.com', '', '']);
          expect(pathname).toBe(`/a/${text}/b`);
        }
        const host = expandBase('https://{facts.company}.example.com/b', rules, { company: text });
        if (host !== null) expect(new URL(host).host).toBe(`${text.toLowerCase()}.example.com`);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['https://acme.my.example.com', 'https://acme.my.example.com'],
    ['https://ACME.my.example.com/', 'https://acme.my.example.com'],
    ['acme.eu.my.example.com', 'https://acme.eu.my.example.com'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ])('may be written as servers write it: %s', (written, value) => {
    expect(factValue(instance, written)).toBe(value);
  });

  it.each([
    undefined,
    null,
    '',
    {},
    [],
    true,
    Number.NaN,
    1.5,
    '.',
    '..',
    'a/b',
    'a%2fb',
    '-a',
    'a-',
    'a'.repeat(201),
  ])('is no id: %j', (value) => {
    expect(factValue(rules.cloud, value)).toBeNull();
  });

  it.each(['127.1', '0x7f.1', 'a.example.com:443'])(
    'is no origin where the parser reads another host than is written, even if the record names it: %s',
    (host) => {
      expect(factValue(rule({ kind: 'origin', hosts: [host] }), `https://${host}`)).toBeNull();
    },
  );

  it('is looked at again when it is used', () => {
    expect(expandBase('{facts.instance}/v1', rules, { instance: 'https://theirs.example' })).toBeNull();
    expect(expandBase('{facts.instance}/v1', rules, {})).toBeNull();
    expect(expandBase('{facts.toString}/v1', rules, {})).toBeNull();
  });
});

describe('A base URL with facts', () => {
  it.each([
    '{facts.instance}',
    '{facts.instance}/services/{facts.cloud}',
    'https://{facts.company}.example.com',
    'https://{facts.company}.example.com:8443/a/{facts.cloud}/b',
    'https://api.example.com/{facts.company}',
  ])('leads where the record says: %s', (template) => {
    expect(basePlaceProblem(template, rules)).toBeNull();
  });

  it.each([
    'https://{facts.company}',
    'https://{facts.company}/api',
    'https://{facts.company}.com',
    'https://{facts.company}.co.uk',
    'https://a{facts.company}.example.com',
    'https://api.{facts.company}.example.com',
    'https://{facts.company}@example.com',
    'https://{facts.company}:443',
    'https://example.com:{facts.cloud}',
    'https://example.com/{facts.cloud}x',
    'https://example.com/x{facts.cloud}',
    'https://example.com/?a={facts.cloud}',
    'https://example.com/#{facts.cloud}',
    'https://{facts.cloud}.example.com',
    'https://{facts.instance}.example.com',
    'https://example.com/{facts.instance}',
    'https://{facts.instance}/api',
    '{facts.instance}.example.com',
    '{facts.instance}@example.com',
    '{facts.instance}:8080',
    '{facts.company}/api',
    '{facts.instance}{facts.cloud}',
    '{facts.unknown}/api',
    'https://{facts.constructor}.example.com',
    'https://example.com/{cloud}',
  ])('is refused, since it might lead elsewhere: %s', (template) => {
    expect(basePlaceProblem(template, rules)).not.toBeNull();
    const facts = {
      instance: {
        from: 'token',
        at: 'i',
        kind: 'origin',
        hosts: ['*.my.example.com'],
        title: 'Organization',
      },
      company: { from: 'token', at: 'c', kind: 'label', title: 'Company' },
      cloud: { from: 'token', at: 'd', title: 'Site' },
    };
    const lines = linesOf(withProvider({ ...standard, api: template, facts }));
    expect(lines.some((line) => line.startsWith('providers.it.api: '))).toBe(true);
  });

  it.each([
    '*',
    '*.com',
    '*.co.uk',
    '*.com.au',
    'https://a.example.com',
    'a.example.com/',
    'a.example.com.',
    '*.*.example.com',
    'a b',
    'ä.example.com',
    '*example.com',
    'EXAMPLE.com',
    '',
  ])('may not name hosts by %j', (pattern) => {
    expect(hostPatternProblem(pattern)).not.toBeNull();
  });
});

describe('Facts in a record', () => {
  const rule = { from: 'token', at: 'x', title: 'Site' };
  it.each([
    [{ facts: { cloud: { ...rule, form: 'x' } } }, 'facts.cloud.form: this key is not known here'],
    [
      { facts: { cloud: { ...rule, from: 'cookie' } } },
      'facts.cloud.from: this is not one of: token, callback, request',
    ],
    [
      { facts: { cloud: { ...rule, kind: 'origin' } } },
      'facts.cloud.hosts: this is missing: a token goes to no host that the record does not name',
    ],
    [
      { facts: { cloud: { ...rule, hosts: ['a.example.com'] } } },
      'facts.cloud.hosts: hosts are of an origin',
    ],
    [
      { facts: { cloud: { ...rule, from: 'request' } } },
      'facts.cloud.target: this is missing: which request says it',
    ],
    [
      { facts: { cloud: { ...rule, target: '/x' } } },
      'facts.cloud.from: target, items and label are of a request',
    ],
    [
      { facts: { cloud: { ...rule, from: 'request', target: 'https://theirs.example/' } } },
      'facts.cloud.target: this does not start with one slash',
    ],
    [
      { facts: { cloud: { ...rule, from: 'request', target: '//theirs.example/' } } },
      'facts.cloud.target: this does not start with one slash',
    ],
    [
      { facts: { cloud: { ...rule, from: 'callback', at: 'code' } } },
      'facts.cloud.at: this parameter belongs to the consent itself',
    ],
    [{ facts: { Cloud: rule } }, 'facts.Cloud: '],
    [{ apis: { mail: 'http://mail.example.com' } }, 'apis.mail: plain http is allowed on loopback only'],
    [{ apis: { mail: 'https://a:b@mail.example.com' } }, 'apis.mail: a URL must not hold a user or password'],
    [
      { apis: { mail: 'https://{facts.company}.example.com' } },
      'apis.mail: there is no fact company in `facts`',
    ],
  ] as const)('are refused as %j', (change, line) => {
    const lines = linesOf(withProvider({ ...standard, ...change }));
    expect(
      lines.some((each) => each.startsWith(`providers.it.${line}`)),
      lines.join('\n'),
    ).toBe(true);
  });

  it('say where the API is of each person, and until then no more than where tokens are from', () => {
    const provider = providerOf({
      ...standard,
      api: 'https://{facts.company}.example.com/v1/',
      facts: { company: { ...rule, kind: 'label' } },
    });
    expect(provider.api).toBe('https://login.example.com');
    expect(providerAt(provider, null, { company: 'Acme' })?.api).toBe('https://acme.example.com/v1');
    expect(providerAt(provider, null, {})).toBeNull();
    expect(originsOf(provider)).toEqual(['https://login.example.com']);
    expect(originsOf(provider, { company: 'acme' })).toEqual([
      'https://login.example.com',
      'https://acme.example.com',
    ]);
  });

  it('keep views of one record apart, and give the same one again', () => {
    const provider = providerFixture({ apis: { mail: 'https://mail.example' } });
    expect(providerAt(provider, 'mail', {})).toBe(providerAt(provider, 'mail', {}));
    expect(providerAt(provider, 'mail', {})?.api).toBe('https://mail.example');
    expect(providerAt(provider, null, {})).toBe(provider);
    expect(providerAt(provider, 'constructor', {})).toBeNull();
  });
});
