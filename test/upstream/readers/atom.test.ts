import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/upstream/readers/parse.js';

const plain = (text: string): unknown => {
  const parsed = parse('atom', text);
  return 'data' in parsed ? JSON.parse(JSON.stringify(parsed.data)) : parsed.code;
};

const feed = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:mingle="http://www.thoughtworks-studios.com/ns/mingle">
  <title>Mingle Events: Apollo</title>
  <link href="https://mingle.example/api/v2/projects/apollo/feeds/events.xml" rel="current"/>
  <link href="https://mingle.example/api/v2/projects/apollo/feeds/events.xml?page=2" rel="next"/>
  <updated>2026-11-20T10:00:00Z</updated>
  <entry>
    <id>https://mingle.example/projects/apollo/events/index/7</id>
    <title>Story #12 Dock &amp; undock changed</title>
    <updated>2026-11-20T09:00:00Z</updated>
    <author><name>Alice</name><email>alice@example.com</email></author>
    <link href="https://mingle.example/projects/apollo/cards/12" rel="related" type="text/html" title="Story #12"/>
    <category term="card" scheme="http://www.thoughtworks-studios.com/ns/mingle#categories"/>
    <category term="property-change" scheme="http://www.thoughtworks-studios.com/ns/mingle#categories"/>
    <content type="application/vnd.mingle+xml"><changes><change type="property-change"><new_value>Done</new_value></change></changes></content>
  </entry>
  <entry><id>6</id><title type="html">&lt;b&gt;bold&lt;/b&gt;</title><content type="text">plain</content></entry>
</feed>`;

describe('an Atom feed', () => {
  it('is read into lists of entries, links and categories, whatever occurs once', () => {
    const categories = ['card', 'property-change'].map((term) => ({
      term,
      scheme: 'http://www.thoughtworks-studios.com/ns/mingle#categories',
      label: null,
    }));
    expect(plain(feed)).toMatchObject({
      title: 'Mingle Events: Apollo',
      updated: '2026-11-20T10:00:00Z',
      links: [{ rel: 'current' }, { rel: 'next', href: expect.stringContaining('page=2') }],
      entries: [
        {
          id: 'https://mingle.example/projects/apollo/events/index/7',
          title: 'Story #12 Dock & undock changed',
          author: { name: 'Alice', email: 'alice@example.com', uri: null },
          links: [{ rel: 'related', type: 'text/html', title: 'Story #12' }],
          categories,
          content: {
            '@type': 'application/vnd.mingle+xml',
            changes: { change: { '@type': 'property-change', new_value: 'Done' } },
          },
        },
        {
          id: '6',
          title: '<b>bold</b>',
          author: null,
          links: [],
          categories: [],
          content: 'plain',
          summary: null,
        },
      ],
    });
  });

  it('may have a prefix, and be empty', () => {
    const prefixed =
      '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:id>1</a:id></a:entry></a:feed>';
    expect(plain(prefixed)).toMatchObject({ entries: [{ id: '1' }] });
    expect(plain('<feed/>')).toEqual({ title: null, updated: null, links: [], entries: [] });
  });

  it('is distinguished from other XML', () => {
    expect(plain('<newsfeed/>')).toBe('feed-syntax');
    expect(plain('<cards><feed/></cards>')).toBe('feed-syntax');
  });
});
