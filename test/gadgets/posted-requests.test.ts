import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerFault } from '../../src/domain/fixed-headers.js';
import type { ParameterValue } from '../../src/domain/gadget.js';
import { flowSentences } from '../../src/gadgets/data-flows.js';
import { expandRequest } from '../../src/gadgets/expand-request.js';
import { graphqlFault, requestMistakesIn } from '../../src/gadgets/request-checks.js';
import { planRequest } from '../../src/gadgets/request-plan.js';
import { requestSchema } from '../../src/gadgets/request-schema.js';
import { templateFaults } from '../../src/gadgets/template-checks.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';

const text = { kind: 'text', maxLength: 2000 } as const;
const parameters = [
  parameter('user', text, { required: true }),
  parameter('size', { kind: 'integer', min: 1, max: 99 }),
  parameter('open', { kind: 'boolean' }),
  parameter('labels', { kind: 'list', of: text, maxItems: 9 }),
  parameter('conditions', { kind: 'conditions', language: 'mql', maxLength: 99 }),
];
const owner = gadget({ parameters });

const sent = (more: Partial<Requested>, values: Record<string, ParameterValue>): unknown => {
  const { body } = expandRequest(owner, request('r', more), values);
  return body === undefined ? undefined : JSON.parse(body);
};

const faults = (more: object): readonly string[] => {
  const written = requestSchema.parse({ provider: 'p', path: '/x', ...more });
  return [
    ...requestMistakesIn('r', written).map(({ path, problem }) => `${path.slice(2).join('.')}: ${problem}`),
    ...templateFaults(parameters, request('r', { path: '/x', format: 'json', ...more })).map(
      ({ path, problem }) => `${path.join('.')}: ${problem}`,
    ),
  ];
};

describe('a query', () => {
  it('may have numbers and truth values, which are sent as they are written', () => {
    const { query } = requestSchema.parse({
      provider: 'p',
      path: '/x',
      query: { n: 30, mine: true, q: 'a' },
    });
    const planned = planRequest('r', requestSchema.parse({ provider: 'p', path: '/x', query }));
    const { target } = expandRequest(owner, { ...request('r', {}), ...planned }, {});
    expect(target).toBe('/x?n=30&mine=true&q=a');
  });
});

describe('a body', () => {
  const body = {
    filter: {
      assignee: '{user}',
      size: '{size}',
      open: '{open}',
      labels: '{labels}',
      fixed: [1, '{user}', null],
    },
    q: { mql: 'SELECT a WHERE b = {user}{ AND conditions}' },
    note: 'plain {text} with { braces',
  };

  it('holds values with their types, and leaves out what has none', () => {
    const given = { user: 'ann', size: 5, open: false, labels: ['a', 'b'], conditions: '(x = 1)' };
    expect(sent({ method: 'POST', body }, given)).toEqual({
      filter: { assignee: 'ann', size: 5, open: false, labels: ['a', 'b'], fixed: [1, 'ann', null] },
      q: "SELECT a WHERE b = 'ann' AND ((x = 1))",
      note: 'plain {text} with { braces',
    });
    expect(sent({ method: 'POST', body }, { user: 'x' })).toEqual({
      filter: { assignee: 'x', fixed: [1, 'x', null] },
      q: "SELECT a WHERE b = 'x'",
      note: 'plain {text} with { braces',
    });
  });

  it('cannot be changed by a value, whatever is in it', () => {
    const hostile = fc.oneof(
      fc.constantFrom('"', '"},"admin":true,"x":{"y":"', '\\"', '{user}', '\u2028', '__proto__', '$where'),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(
      fc.property(hostile, (user) => {
        const { filter } = sent({ method: 'POST', body: { filter: { user: '{user}' } } }, { user }) as {
          filter: object;
        };
        expect(filter).toEqual({ user });
      }),
    );
  });

  it('takes an item of another answer with its type', () => {
    const each = { of: 'other', as: 'it' };
    const plan = request('r', { method: 'POST', body: { id: '{it.id}', name: '{it.name}' }, each });
    const { body: text } = expandRequest(owner, plan, {}, { item: { id: 7, name: 'a"b' } });
    expect(JSON.parse(text ?? '')).toEqual({ id: 7, name: 'a"b' });
  });

  it.each([
    [{ body: {} }, 'body: a GET has no body'],
    [{ method: 'POST' }, 'method: this POST sends nothing'],
    [{ method: 'POST', body: { q: 'project = {user}' } }, 'body.q: {user} is pasted into a text'],
    [{ method: 'POST', body: { q: ['{nobody}'] } }, 'body.q.0: the gadget has no parameter "nobody"'],
    [{ method: 'POST', body: { q: '{conditions}' } }, 'body.q: the parameter "conditions" is of type mql'],
    [{ method: 'POST', body: { q: { mql: '{nobody}' } } }, 'body.q: the gadget has no parameter "nobody"'],
    [{ method: 'POST', body: { q: 'x'.repeat(33_000) } }, 'body: this is longer than 32000 characters'],
  ])('has the fault %#', (more, fault) => {
    expect(faults(more)).toEqual([fault]);
  });
});

describe('GraphQL', () => {
  const graphql = 'query($login: String!, $first: Int) { user(login: $login) { name } }';

  it('is sent beside its variables, which are JSON values', () => {
    const plan = { graphql, variables: { login: '{user}', first: '{size}' } };
    expect(sent(plan, { user: '") { secret }', size: 3 })).toEqual({
      query: graphql,
      variables: { login: '") { secret }', first: 3 },
    });
    expect(request('r', plan)).toMatchObject({
      method: 'POST',
      effect: 'read',
      answer: { pick: 'data', refused: { when: { errors: { present: true } } } },
    });
    expect(request('r', { graphql, pick: 'user' }).answer.pick).toBe('data.user');
  });

  it.each([
    ['{ viewer { login } }', null],
    ['query mutation($q: X = {a: "}"}) @live { a(b: {c: 1}) { d } } fragment F on mutation { x }', null],
    ['# mutation { x }\nquery Q { a }', null],
    ['query { a(text: "mutation { x }") }', null],
    ['query { a(text: """\n} mutation { x }\n""") }', null],
    ['mutation { delete }', 'it has a mutation, and a gadget only reads'],
    ['query { a } mutation M { delete }', 'it has a mutation, and a gadget only reads'],
    ['subscription { a }', 'it has a subscription, and a gadget only reads'],
    ['query A { a } query B { b }', 'it has more than one query'],
    ['fragment F on X { a }', 'it has no query'],
    ['', 'it has no query'],
    ['query { a', 'its brackets do not match'],
    ['query { a(b: 1 }', 'its brackets do not match'],
    ['query { a } }', 'its brackets do not match'],
  ])('%j: %s', (document, fault) => {
    expect(graphqlFault(document)).toBe(fault);
  });

  it.each([
    [
      { graphql: 'mutation { x }' },
      'graphql: this cannot be sent: it has a mutation, and a gadget only reads',
    ],
    [{ graphql, variables: { logn: '{user}' } }, 'variables.logn: the query has no variable $logn'],
    [{ graphql, variables: { login: 'a {user}' } }, 'variables.login: {user} is pasted into a text'],
    [{ graphql, body: {} }, 'body: a GraphQL query is the body already'],
    [{ graphql, format: 'xml' }, 'format: this does nothing for GraphQL, whose answers are JSON'],
    [{ variables: {} }, 'variables: this does nothing without "graphql"'],
  ])('has the fault %#', (more, fault) => {
    expect(faults(more)).toEqual([fault]);
  });
});

describe('a fixed header', () => {
  it.each([
    'Notion-Version',
    'OCS-APIRequest',
    'Accept-Language',
    'X-GitHub-Api-Version',
    'X-Atlassian-Check',
  ])('may be %s', (name) => {
    expect(headerFault(name)).toBeNull();
  });

  it.each([
    ...[
      'Authorization',
      'Cookie',
      'Host',
      'Proxy-Authorization',
      'Content-Length',
      'Transfer-Encoding',
      'Origin',
    ],
    ...[
      'X-Forwarded-For',
      'X-Real-IP',
      'X-HTTP-Method-Override',
      'X-Api-Key',
      'X-Auth-Token',
      'X-Remote-User',
    ],
    ...[
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-CSRF-Token',
      'X-Sudo',
      'X-Impersonate',
      'x-user-id',
      'X-A\r\nB: c',
    ],
    ...['Sudo', 'User-Agent', 'Content-Type', 'If-None-Match', 'Accept-Encoding', ''],
  ])('may not be %j', (name) => {
    expect(headerFault(name)).not.toBeNull();
  });

  it('has a fixed value, never of a parameter, and stands in the plan in lower case', () => {
    expect(faults({ headers: { 'Notion-Version': '{user}' } })).toEqual([
      'headers.Notion-Version: a header has no place for values',
    ]);
    expect(() => requestSchema.parse({ provider: 'p', path: '/x', headers: { 'X-A': 'a\r\nb' } })).toThrow();
    expect(request('r', { headers: { 'Notion-Version': '2022-06-28' } }).headers).toEqual({
      'notion-version': '2022-06-28',
    });
  });
});

it('A key that does nothing is a fault', () => {
  expect(faults({ follow: { rel: 'next', pages: 2 } })).toEqual([
    'follow: this does nothing for the format json',
  ]);
  expect(faults({ format: 'text', pick: 'a' })).toEqual(['pick: this does nothing for the format text']);
});

it('An administrator sees which requests are no plain GETs', () => {
  const requests = [
    request('search', { path: '/search', method: 'POST', body: {} }),
    request('pulls', { path: '/graphql', graphql: '{ a }' }),
    request('plain'),
  ];
  expect(flowSentences(gadget({ requests }), () => 'Jira')).toEqual([
    'The request “search” sends a POST to /search of Jira, declared to only read.',
    'The request “pulls” sends a GraphQL query to /graphql of Jira, declared to only read.',
  ]);
});
