import { describe, expect, it } from 'vitest';
import { requestMistakesIn } from '../../src/gadgets/request-checks.js';
import { requestSchema } from '../../src/gadgets/request-schema.js';
import { request } from '../support/a-gadget.js';

const planned = (more: object) => request('r', { format: 'json', ...more }).answer.pages;
const mistakes = (more: object) =>
  requestMistakesIn('r', requestSchema.parse({ provider: 'p', path: '/x', ...more }));
const faults = (more: object) =>
  mistakes(more).map(({ path, problem }) => `${path.slice(2).join('.')}: ${problem}`);

describe('pages in a definition', () => {
  it('are planned', () => {
    expect(planned({})).toBeNull();
    expect(planned({ pages: { by: 'link', atMost: 3 } })).toEqual({
      step: { by: 'link', rel: 'next' },
      items: '',
      further: 2,
    });
    expect(planned({ pages: { by: 'token', next: 'meta.next', items: 'values' } })).toEqual({
      step: { by: 'token', next: 'meta.next', send: 'pageToken' },
      items: 'values',
      further: 4,
    });
    expect(
      planned({ pages: { by: 'offset', send: 'startAt', total: 'total', items: 'values' } })?.step,
    ).toEqual({
      by: 'offset',
      send: 'startAt',
      first: 0,
      size: null,
      total: 'total',
    });
  });

  it('of a feed are what `follow` means', () => {
    const follow = planned({ format: 'feed', follow: { rel: 'next', pages: 4 } });
    expect(follow).toEqual({ step: { by: 'feed', rel: 'next' }, items: 'entries', further: 4 });
    expect(planned({ format: 'feed', pages: { by: 'feed', atMost: 5 } })).toEqual(follow);
  });

  it('of GraphQL lie below its data, and send a variable', () => {
    const graphql =
      'query($after: String) { issues(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    const pages = { by: 'cursor', items: 'issues.nodes' };
    expect(planned({ graphql, pages })).toEqual({
      step: { by: 'cursor', info: 'data.issues.pageInfo', send: 'variables.after' },
      items: 'data.issues.nodes',
      further: 4,
    });
    expect(faults({ graphql, pages })).toEqual([]);
    expect(faults({ graphql, pages: { ...pages, send: 'next' } })).toEqual([
      'pages.send: the query has no variable $next',
    ]);
  });

  it.each([
    [{ pages: { by: 'feed' } }, 'pages.by: the format json has no pages by feed'],
    [{ format: 'feed', pages: { by: 'link' } }, 'pages.by: the format feed has no pages by link'],
    [{ format: 'text', pages: { by: 'link' } }, 'pages: an answer in the format text has no pages'],
    [
      { format: 'xml', pages: { by: 'link' } },
      'pages: "items" is missing, and XML is never a list by itself',
    ],
    [{ format: 'ical', pages: { by: 'page' } }, 'pages: an answer in the format ical has no pages'],
    [
      { format: 'text', pages: { by: 'cursor', items: 'a' } },
      'pages: an answer in the format text has no pages',
    ],
    [
      { format: 'feed', pages: { by: 'cursor', items: 'a' } },
      'pages.by: the format feed has no pages by cursor',
    ],
    [{ format: 'xml', pages: { by: 'feed' } }, 'pages.by: the format xml has no pages by feed'],
    [{ pages: { by: 'cursor', items: 'a' } }, 'pages.by: cursors are those of GraphQL'],
    [
      { format: 'feed', pages: { by: 'feed' }, follow: { rel: 'next', pages: 1 } },
      'follow: this does nothing beside "pages"',
    ],
  ])('have the fault %#', (more, fault) => {
    expect(faults(more)).toEqual([fault]);
  });

  it('are given no example that would be wrong too', () => {
    const graphql = 'query($first: Int, $after: String) { a(first: $first, after: $after) { id } }';
    const examples = (more: object) => mistakes(more).map(({ example }) => example);
    expect(examples({ format: 'text', pages: { by: 'link' } })).toEqual([null]);
    expect(examples({ format: 'ical', follow: { rel: 'next', pages: 1 } })).toEqual([null]);
    expect(examples({ follow: { rel: 'next', pages: 1 } })).toEqual(['pages: { by: link }']);
    expect(examples({ graphql, pages: { by: 'feed' } })).toEqual(['by: cursor']);
    expect(examples({ graphql: '{ a { id } }', pages: { by: 'cursor', items: 'a' } })).toEqual([null]);
    expect(examples({ graphql, variables: { first: 1, last: 1 } })).toEqual(['after']);
  });
});
