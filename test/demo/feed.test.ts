import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { entriesPerPage, eventsFeed } from './mingle/feed.js';
import { cardByNumber } from './mingle/model.js';
import { sampleProjects } from './mingle/projects.js';

const to = { site: 'http://mingle.test', api: 'http://mingle.test/api/v2' };
const address = `${to.api}/projects/apollo/feeds/events.xml`;
const parser = new XMLParser({
  ignoreAttributes: false,
  isArray: (name) => ['link', 'entry', 'category'].includes(name),
});

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly updated: string;
  readonly link: readonly Readonly<Record<string, string>>[];
  readonly category: readonly Readonly<Record<string, string>>[];
}

const projects = sampleProjects(Date.now);
const apollo = projects.byIdentifier('apollo');
if (!apollo) throw new Error('The sample data has a project apollo.');

const page = (
  number: number | null,
): { readonly entries: readonly Entry[]; readonly links: Record<string, string> } => {
  const { feed } = parser.parse(String(eventsFeed(to, apollo, number)));
  const links = feed.link.map((link: Record<string, string>) => [link['@_rel'], link['@_href']]);
  return { entries: feed.entry, links: Object.fromEntries(links) };
};
const numberIn = (address: string): number => Number(new URL(address).searchParams.get('page'));

describe("Mingle's events feed", () => {
  it('leads from the newest page to the oldest by `next`, past every event once, newest first', () => {
    const seen: Entry[] = [];
    let shown = page(null);
    expect(shown.links.self).toBe(address);
    expect(shown.links.previous).toBeUndefined();
    for (;;) {
      expect(shown.links.current).toBe(address);
      seen.push(...shown.entries);
      if (!shown.links.next) break;
      const older = numberIn(shown.links.next);
      shown = page(older);
      expect(shown.entries).toHaveLength(entriesPerPage);
      expect(shown.links.self).toBe(`${address}?page=${older}`);
      expect(numberIn(shown.links.previous ?? '')).toBe(older + 1);
    }
    expect(shown.links.self).toBe(`${address}?page=1`);
    expect(seen).toHaveLength(apollo.events.length);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ updated }) => updated)).toEqual(
      seen
        .map(({ updated }) => updated)
        .toSorted()
        .toReversed(),
    );
  });

  it('has about 120 events to show', () => {
    expect(apollo.events.length).toBeGreaterThan(100);
  });

  it('knows no page before the first, after the last or between two', () => {
    for (const number of [0, -1, 99, 1.5, Number.NaN]) expect(eventsFeed(to, apollo, number)).toBeNull();
  });

  it('says of a change which card, which version, and what changed from what to what', () => {
    const card = cardByNumber(apollo, 40);
    if (!card) throw new Error('The sample data has a card 40.');
    projects.change(apollo, card, 'ann', { properties: { Status: 'In Development' } });
    const newest = page(null).entries[0];
    expect(newest?.title).toBe('Story #40 Subscribe to RSS feed changed');
    const source = newest?.link.filter((link) => link['@_rel']?.endsWith('#event-source'));
    expect(source?.map((link) => link['@_href'])).toEqual([
      `${to.api}/projects/apollo/cards/40.xml`,
      `${to.site}/projects/apollo/cards/40`,
    ]);
    expect(newest?.category.map((category) => category['@_term'])).toEqual(['card', 'property-change']);
    expect(String(eventsFeed(to, apollo, null))).toMatch(
      /<name>Status<\/name>[\s\S]*?<old_value>New<\/old_value><new_value>In Development<\/new_value>/,
    );
    projects.change(apollo, card, 'ann', { properties: { Status: 'In Development' } });
    expect(page(null).entries[0]?.id).toBe(newest?.id);
  });

  it('relates a commit to the cards that it names', () => {
    const all = Array.from({ length: 5 }, (_, index) => page(index + 1).entries).flat();
    const commit = all.find(({ category }) => category.some((one) => one['@_term'] === 'revision-commit'));
    expect(commit?.link.filter((link) => link['@_rel']?.endsWith('#related'))).toHaveLength(2);
  });
});
