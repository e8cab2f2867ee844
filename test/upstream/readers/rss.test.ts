import { expect, it } from 'vitest';
import { parse } from '../../../src/upstream/readers/parse.js';

const plain = (text: string): unknown => {
  const parsed = parse('feed', text);
  return 'data' in parsed ? JSON.parse(JSON.stringify(parsed.data)) : parsed.code;
};

it('RSS 2.0 is read into what an Atom feed is read into', () => {
  const feed = `<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Builds</title><link>https://ci.example/</link>
<atom:link href="https://ci.example/rss?page=2" rel="next" type="application/rss+xml"/>
<lastBuildDate>Sat, 07 Sep 2002 00:00:01 GMT</lastBuildDate>
<item><title>#7 failed</title><link>https://ci.example/7</link><guid isPermaLink="false">build-7</guid>
<pubDate>Sat, 07 Sep 2002 09:42:31 +0200</pubDate><author>ada@example.com (Ada L)</author>
<category domain="https://ci.example/kinds">failure</category><comments>https://ci.example/7/talk</comments>
<description>&lt;p&gt;It broke.&lt;/p&gt;</description><content:encoded><![CDATA[<p>All of it.</p>]]></content:encoded>
<enclosure url="https://ci.example/7.log" length="9" type="text/plain"/></item>
</channel></rss>`;
  expect(plain(feed)).toEqual({
    title: 'Builds',
    updated: '2002-09-07T00:00:01.000Z',
    links: [
      { rel: 'alternate', href: 'https://ci.example/', type: null, title: null },
      { rel: 'next', href: 'https://ci.example/rss?page=2', type: 'application/rss+xml', title: null },
    ],
    entries: [
      {
        id: 'build-7',
        title: '#7 failed',
        updated: '2002-09-07T07:42:31.000Z',
        published: '2002-09-07T07:42:31.000Z',
        author: { name: 'Ada L', email: 'ada@example.com', uri: null },
        links: [
          { rel: 'alternate', href: 'https://ci.example/7', type: null, title: null },
          { rel: 'enclosure', href: 'https://ci.example/7.log', type: 'text/plain', title: null },
          { rel: 'replies', href: 'https://ci.example/7/talk', type: null, title: null },
        ],
        categories: [{ term: 'failure', scheme: 'https://ci.example/kinds', label: null }],
        summary: '<p>It broke.</p>',
        content: '<p>All of it.</p>',
      },
    ],
  });
});

it('RSS 0.91 and 1.0 are read too, and a date without a zone stays as it is written', () => {
  expect(
    plain(
      '<rss version="0.91"><channel><title>Old</title><item><title>One</title><link>https://x.example/1</link><pubDate>Sat, 07 Sep 2002 09:42:31</pubDate></item></channel></rss>',
    ),
  ).toMatchObject({
    title: 'Old',
    entries: [{ id: 'https://x.example/1', updated: 'Sat, 07 Sep 2002 09:42:31' }],
  });
  expect(
    plain(
      '<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><channel rdf:about="https://x.example/"><title>X</title></channel><item rdf:about="https://x.example/1"><title>a</title><dc:creator>Grace</dc:creator><dc:date>2026-01-02T03:04:05+01:00</dc:date></item></rdf:RDF>',
    ),
  ).toMatchObject({
    title: 'X',
    entries: [{ id: 'https://x.example/1', author: { name: 'Grace' }, updated: '2026-01-02T02:04:05.000Z' }],
  });
  expect(plain('<rss/>')).toEqual({ title: null, updated: null, links: [], entries: [] });
});
