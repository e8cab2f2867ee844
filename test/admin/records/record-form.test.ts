import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostEntryIn, keyKindOf, modeOf } from '../../../src/admin/hosts/host-form.js';
import { clientsIn, PROVIDER_FIELDS, withClients } from '../../../src/admin/providers/provider-form.js';
import {
  at,
  entryOf,
  type FieldKind,
  type FormField,
  secretsOf,
  valuesOf,
} from '../../../src/admin/records/record-form.js';

const fieldOf = (kind: FieldKind): FormField => ({ name: 'it', label: 'It', path: ['group', 'it'], kind });
const sent = (values: Readonly<Record<string, string>>) =>
  new Map(Object.entries(values).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]));
const mask = (ends: string) => ({ set: true as const, ends, fingerprint: `of-${ends}` });

const word = fc.stringMatching(/^[A-Za-z0-9:/._-]{1,20}$/);
const line = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const pem = fc
  .base64String({ minLength: 4, maxLength: 200 })
  .map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`);
const VALUES: Readonly<Record<Exclude<FieldKind, 'secret'>, fc.Arbitrary<unknown>>> = {
  text: line,
  list: fc.array(word, { minLength: 1 }),
  lines: fc.array(line, { minLength: 1 }),
  pairs: fc.dictionary(
    word.filter((name) => !/^__proto__$/.test(name)),
    fc.oneof(line, fc.constant('')),
    { minKeys: 1 },
  ),
  flag: fc.boolean(),
  pems: fc.array(pem, { minLength: 1, maxLength: 3 }),
  json: fc.dictionary(word, fc.jsonValue(), { minKeys: 1 }).map((value) => JSON.parse(JSON.stringify(value))),
};

describe('A field of a form', () => {
  it.each(Object.entries(VALUES))('of the kind %s is read back as it was written', (kind, values) => {
    const fields = [fieldOf(kind as FieldKind)];
    fc.assert(
      fc.property(values, (value) => {
        const entry = { group: { it: value } };
        const form = sent(valuesOf(fields, entry));
        expect(entryOf(fields, form, null)).toEqual({ entry, errors: {} });
      }),
    );
  });

  it('that was not touched leaves every value as it was, even one that it cannot write', () => {
    const kinds = fc.constantFrom<FieldKind>('text', 'list', 'pairs', 'flag', 'pems', 'json', 'secret');
    const anything = fc.oneof(fc.jsonValue(), fc.constant(mask('1234')), fc.array(fc.string()));
    fc.assert(
      fc.property(kinds, anything, fc.dictionary(word, fc.jsonValue()), (kind, value, others) => {
        fc.pre(kind !== 'secret' || (typeof value === 'object' && value !== null && 'set' in value));
        const before = { ...others, group: { it: value, beside: 1 } };
        const fields = [fieldOf(kind)];
        expect(entryOf(fields, sent({ it: '', ...valuesOf(fields, before) }), before).entry).toEqual(before);
      }),
    );
  });

  it('that the page did not show changes nothing', () => {
    const before = { group: { it: 'as it was' } };
    expect(entryOf([fieldOf('text')], new Map(), before).entry).toEqual(before);
  });

  it('that was emptied takes its key away, and the group with its last key', () => {
    const before = { group: { it: 'x' }, other: 1 };
    expect(entryOf([fieldOf('text')], sent({ it: ' ' }), before).entry).toEqual({ other: 1 });
  });

  it('of invalid JSON says so, and leaves the rest unchanged', () => {
    const before = { group: { it: { a: 1 } } };
    const { entry, errors } = entryOf([fieldOf('json')], sent({ it: '{a' }), before);
    expect(entry).toEqual(before);
    expect(errors.it).toMatch(/not valid JSON/);
  });
});

describe('A secret in a form', () => {
  const fields = [fieldOf('secret')];
  const before = { group: { it: mask('abcd') } };

  it('is never shown', () => {
    expect(valuesOf(fields, { group: { it: 'plain text' } })).toEqual({});
    expect(secretsOf(fields, before)).toEqual({ it: mask('abcd') });
  });

  it('is kept when left empty, and replaced when entered', () => {
    expect(entryOf(fields, sent({ it: '' }), before).entry).toEqual(before);
    expect(entryOf(fields, sent({ it: 'new' }), before).entry).toEqual({ group: { it: 'new' } });
    expect(entryOf(fields, sent({ it: '' }), null).entry).toEqual({});
  });
});

describe('A provider in its form', () => {
  it('keeps keys that no field knows', () => {
    const before = { preset: 'oauth2', api: 'https://a.example', future: { x: [1] } };
    const { entry } = entryOf(PROVIDER_FIELDS, sent(valuesOf(PROVIDER_FIELDS, before)), before);
    expect(entry).toEqual(before);
  });

  it('keeps, changes and removes registrations of single hosts', () => {
    const before = {
      clients: { gocd: { id: 'one', secret: mask('1111') }, wiki: { id: 'two', secret: mask('2222') } },
    };
    const rows = {
      ...{ 'client-0-host': 'gocd', 'client-0-id': 'other', 'client-0-secret': '' },
      ...{ 'client-1-host': 'wiki', 'client-1-id': 'two', 'client-1-secret': 'x', 'client-1-remove': 'on' },
      ...{ 'client-2-host': 'docs', 'client-2-id': 'three', 'client-2-secret': 'new one' },
      ...{ 'client-3-host': '', 'client-3-id': '', 'client-3-secret': '' },
    };
    const { entry, errors } = withClients(before, sent(rows), before);
    expect(errors).toEqual({});
    expect(entry).toEqual({
      clients: { gocd: { id: 'other', secret: mask('1111') }, docs: { id: 'three', secret: 'new one' } },
    });
    expect(clientsIn(entry)).toHaveLength(2);
  });

  it('never drops what was entered in a row silently', () => {
    const rows = { 'client-0-host': '', 'client-0-id': 'typed', 'client-0-secret': '' };
    expect(withClients({}, sent(rows), null).errors).toEqual({
      'client-0-host': 'Enter the host that this registration is for.',
    });
    const twice = {
      ...{ 'client-0-host': 'gocd', 'client-0-id': 'a', 'client-0-secret': '' },
      ...{ 'client-1-host': 'gocd', 'client-1-id': 'b', 'client-1-secret': '' },
    };
    expect(Object.keys(withClients({}, sent(twice), null).errors)).toEqual(['client-1-host']);
  });
});

describe('A host in its form', () => {
  const secret = (): string => 'made';
  const keys = fc.oneof(
    fc.record({ algorithm: fc.constant('HS256'), secret: fc.constant(mask('4711')) }),
    fc.record({
      algorithms: fc.constantFrom(['ES256'], ['PS256', 'ES256']),
      publicKey: fc.constant('PEM\n'),
    }),
    fc.record({ algorithms: fc.constant(['EdDSA']), jwks: fc.webUrl() }),
  );
  const connect = fc.oneof(
    fc.record({ mode: fc.constantFrom('opener', 'code') }),
    fc.record({ mode: fc.constant('reauth'), url: fc.webUrl() }),
  );
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/));
  const hosts = fc.record(
    {
      name: line,
      origins: fc.array(word, { minLength: 1 }),
      key: keys,
      gadgets: ids,
      providers: ids,
      connect,
    },
    { requiredKeys: ['origins', 'key'] },
  );

  it('that was not touched stays as it is, whatever it holds', () => {
    fc.assert(
      fc.property(hosts, (before) => {
        const list = (path: readonly string[]) => (at(before, path) ?? []) as readonly string[];
        const boxes = (group: string, path: readonly string[]) =>
          Object.fromEntries(
            list(path)
              .toSorted()
              .map((id) => [`${group}.${id}`, 'on']),
          );
        const form = sent({
          name: before.name ?? '',
          origins: before.origins.join('\n'),
          'key-kind': keyKindOf(before),
          'key-secret': '',
          'key-public': String(at(before, ['key', 'publicKey']) ?? ''),
          'key-jwks': String(at(before, ['key', 'jwks']) ?? ''),
          'connect-mode': modeOf(before),
          'connect-url': String(at(before, ['connect', 'url']) ?? ''),
          ...boxes('algorithm', ['key', 'algorithms']),
          ...boxes('gadget', ['gadgets']),
          ...boxes('provider', ['providers']),
        });
        expect(hostEntryIn(form, before, secret)).toEqual({ entry: before, made: null });
      }),
    );
  });

  it('keeps what it binds, and binds nothing by itself', () => {
    const gadgets = { builds: { gadget: 'pipelines', providers: { gitlab: 'inside' } }, cards: {} };
    const key = { algorithm: 'HS256', secret: mask('4711') };
    const gadgetsIn = (ticked: Readonly<Record<string, string>>) =>
      hostEntryIn(sent({ 'key-kind': 'secret', ...ticked }), { key, gadgets }, secret).entry.gadgets;
    expect(gadgetsIn({ 'gadget.cards': 'on', 'gadget.builds': 'on' })).toEqual(gadgets);
    expect(gadgetsIn({ 'gadget.builds': 'on' })).toEqual({ builds: gadgets.builds });
    expect(gadgetsIn({ 'gadget.builds': 'on', 'gadget.pipelines': 'on' })).toEqual({
      builds: gadgets.builds,
      pipelines: {},
    });
  });

  it('keeps of a binding what its page does not show, such as roles of a gadget that is gone', () => {
    const gadgets = { builds: { gadget: 'gone', providers: { gitlab: 'inside', forge: 'outside' } } };
    const key = { algorithm: 'HS256', secret: mask('4711') };
    const saved = (typed: Readonly<Record<string, string>>) =>
      hostEntryIn(sent({ 'key-kind': 'secret', 'gadget.builds': 'on', ...typed }), { key, gadgets }, secret)
        .entry.gadgets;
    expect(saved({})).toEqual(gadgets);
    expect(saved({ 'play.builds.gitlab': 'elsewhere' })).toEqual({
      builds: { gadget: 'gone', providers: { gitlab: 'elsewhere', forge: 'outside' } },
    });
    expect(saved({ 'play.builds.gitlab': '', 'play.builds.forge': '' })).toEqual({
      builds: { gadget: 'gone' },
    });
  });

  it('gets a new secret when there is none, when it is asked for, and never instead of a typed one', () => {
    const before = { key: { algorithm: 'HS256', secret: mask('4711') } };
    const made = (form: Readonly<Record<string, string>>, entry: typeof before | null) =>
      hostEntryIn(sent({ 'key-kind': 'secret', ...form }), entry, secret).made;
    expect(made({}, null)).toBe('made');
    expect(made({}, before)).toBeNull();
    expect(made({ 'new-secret': 'on' }, before)).toBe('made');
    expect(made({ 'new-secret': 'on', 'key-secret': 'typed' }, before)).toBeNull();
  });
});
