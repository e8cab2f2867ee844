import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSample } from '../../src/cli/workshop/record-sample.js';
import type { Data } from '../../src/domain/data.js';

const sampleOf = (data: unknown, keepTexts = false) => {
  const answers = { issues: { data: data as Data, fetchedAt: 0, stale: false, pages: 1, more: false } };
  const rest = { parameters: {}, unknown: {}, missing: [], connected: [], locale: 'en', timeZone: 'UTC' };
  const { text, replaced } = toSample({ ...rest, answers }, keepTexts);
  return { text, replaced, data: JSON.parse(text).answers.issues.data };
};

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const ISSUES = {
  items: [
    {
      id: 48151,
      number: 12,
      state: 'open',
      title: 'Margarete Olsen cannot sign in',
      url: `https://jira.corp.internal.io/browse/AP-12?user=molsen&id=${UUID}`,
      node_id: UUID,
      assignee: { id: 77, login: 'molsen', name: 'Margarete Olsen', email: 'margarete.olsen@corp.io' },
      updated: '2026-01-15T11:40:00Z',
      by: 'Margarete Olsen',
    },
    {
      id: 48152,
      number: 9,
      state: 'closed',
      title: 'See #12 and write to margarete.olsen@corp.io',
      url: 'https://jira.corp.internal.io/browse/48152',
      assignee: { login: 'tquist', name: 'Tore Quist' },
      updated: '2026-01-14T09:00:00Z',
      by: 'molsen',
    },
  ],
};

describe('What oriel gadget record writes', () => {
  it('has no one and nothing of the original, and each replacement is the same wherever it stands', () => {
    const { text, data, replaced } = sampleOf(ISSUES);
    for (const original of [
      'argarete',
      'lsen',
      'quist',
      'Tore',
      'corp',
      '48151',
      '48152',
      UUID,
      'internal.io',
    ])
      expect(text).not.toContain(original);
    const [first, second] = data.items;
    expect(first.by).toBe(first.assignee.name);
    expect(first.by).not.toBe(second.assignee.name);
    expect(second.by).toBe(first.assignee.login);
    expect(first.assignee.email).toBe(`${first.assignee.login}@example.com`);
    expect(first.url).toContain(`id=${first.node_id}`);
    expect(second.url).toBe(`https://app.example.com/browse/${second.id}`);
    expect(replaced).toMatchObject({ people: 2, addresses: 1, hosts: 1 });
  });

  it('keeps what a view lives by: numbers, states, times, the shape, and numbers that other requests are made of', () => {
    const { data } = sampleOf(ISSUES);
    expect(
      data.items.map(({ number, state, updated }: (typeof ISSUES.items)[0]) => [number, state, updated]),
    ).toEqual([
      [12, 'open', '2026-01-15T11:40:00Z'],
      [9, 'closed', '2026-01-14T09:00:00Z'],
    ]);
    expect(data.items[1].title).toMatch(/#12/);
    expect(Object.keys(data.items[0])).toEqual(Object.keys(ISSUES.items[0] ?? {}));
  });

  it('is the same in every run', () => {
    expect(sampleOf(ISSUES).text).toBe(sampleOf(structuredClone(ISSUES)).text);
  });

  it('keeps texts where it is asked to, but for the people in them', () => {
    const { data } = sampleOf(ISSUES, true);
    expect(data.items[0].title).toMatch(/^\w+ \w+ cannot sign in$/);
    expect(data.items[0].title).not.toContain('Margarete');
    expect(data.items[1].title).toMatch(/^See #12 and write to \w+@example\.com$/);
  });

  it.each([
    ['a token by its key', { access_token: 'short1', x: 1 }, 'short1'],
    ['a token by its form', { note: 'ghp_abcdefghij0123456789abcdefghij012345' }, 'ghp_abc'],
    ['a JWT within an address', { url: 'https://a.test/x?jwt=eyJhbGciOi.eyJzdWIiOjE.c2ln' }, 'eyJ'],
    ['a secret of an address', { url: 'https://a.test/x?sig=abc123&code=zz9' }, 'abc123'],
    ['a password within an address', { url: 'https://molsen:hunter22@a.test/' }, 'hunter22'],
    ['an address as a key', { seen: { 'margarete.olsen@corp.io': 1 } }, 'margarete'],
    ['a person as a key', { user: { login: 'molsen' }, votes: { molsen: 3 } }, 'molsen'],
    ['an address that is escaped', { url: 'https://a.test/u/margarete%40corp.io' }, 'margarete'],
    ['a name in another case', { author: 'Margarete Olsen', state: 'MARGARETE' }, 'MARGARETE'],
    ['a name within markup', { author: 'Margarete Olsen', html: '<b title="Olsen">x</b>' }, 'Olsen'],
    ['a name in an XML element', { author: { '@type': 'x', '#text': 'Margarete Olsen' } }, 'Olsen'],
    ['a phone number', { phone: '+49 30 901820' }, '901820'],
    ['an address of a machine', { from: '10.17.4.9' }, '10.17'],
    ['a name of another script', { author: 'Владимир Крамник', label: 'Крамник' }, 'Крамник'],
    ['a host without a scheme', { server: 'build7.corp.io' }, 'corp.io'],
    ['a list of people', { members: ['Margarete', 'Tore'], owner: ['Tore'] }, 'Margarete'],
    [
      'a key of a key file',
      { key_text: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----' },
      'MIIB',
    ],
  ])('leaves nothing of %s', (_, data, original) => {
    for (const keepTexts of [false, true]) expect(sampleOf(data, keepTexts).text).not.toContain(original);
  });

  it('does not take a replacement for a person, whatever people are called', () => {
    const { text } = sampleOf({
      members: ['Alex Ash', 'Blair Birch', 'report', 'list'],
      title: 'Alex wrote a report on it',
    });
    expect(text).not.toMatch(/alex|blair|birch|report/i);
  });

  it('has no hostile answer that breaks it, or that it is not JSON for', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"login": "molsen"}, "constructor": "x", "toString": {"email": "m@corp.io"}}',
    );
    expect(sampleOf(hostile).text).not.toMatch(/molsen|corp/);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const email = 'margarete.olsen@corp.io';
        const { text } = sampleOf({
          value,
          people: [{ login: 'molsen', email }],
          text: `by ${email} (${JSON.stringify(value)})`,
        });
        expect(text).not.toContain('margarete');
        expect(text).not.toContain('molsen');
      }),
    );
  });
});
