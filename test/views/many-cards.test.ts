import { expect, it } from 'vitest';
import { ourViews, sample, textOf } from './support/our-views.js';

const views = ourViews();
const text = (...of: Parameters<typeof sample>): string => textOf(views.content(sample(...of)));

it.each([1, 4, 8])('a thousand cards with %i properties are all shown', (columns) => {
  const properties = Array.from({ length: columns }, (_, at) => `Property ${at}`);
  const results = Array.from({ length: 1000 }, (_, number) => ({
    ...{
      type: 'Story',
      number,
      name: 'A card with a name as long as names of cards are, or a little longer',
    },
    ...Object.fromEntries(properties.map((each, at) => [`property_${at}`, { '#text': `${each} of a card` }])),
  }));
  const { parameters, answers } = sample('mingle-cards');
  const cards = { data: { results }, fetchedAt: 0, stale: false, pages: 1, more: false };
  const shown = text('mingle-cards', 'sample', {
    parameters: { ...parameters, limit: 1000, properties },
    answers: { ...answers, cards: cards as never },
  });
  const rows = [...shown.matchAll(/#\d+ A card/g)].length;
  expect(rows).toBe(1000);
  expect(shown).toContain('1,000 cards in apollo');
});

it('card activity shows five hundred cards with their events', () => {
  const { parameters, answers } = sample('mingle-card-activity');
  const numbers = Array.from({ length: 500 }, (_, at) => at + 1);
  const result = numbers.map((number) => ({
    ...{ number: String(number), name: 'A card with a name as long as names of cards are' },
    ...{ type: 'Story', status: 'In development', owner: { '@nil': 'true' } },
  }));
  const [first] = (answers.events as unknown as { data: { entries: object[] } }).data.entries;
  const entries = numbers
    .slice(0, 125)
    .map((number) => ({ ...first, links: [{ title: `Story #${number}` }] }));
  const shown = text('mingle-card-activity', 'sample', {
    parameters: { ...parameters, cards: numbers },
    answers: {
      ...answers,
      cards: { ...answers.cards, data: { results: { '@type': 'array', result } } },
      events: { ...answers.events, data: { entries } },
    } as never,
  });
  expect([...shown.matchAll(/#\d+ A card/g)]).toHaveLength(500);
  expect([...shown.matchAll(/In testing →/g)]).toHaveLength(125);
});
