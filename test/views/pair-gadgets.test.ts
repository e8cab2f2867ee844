import { describe, expect, it } from 'vitest';
import { ourViews, sample, textOf } from './support/our-views.js';

const views = ourViews();
const html = (...of: Parameters<typeof sample>): string => views.content(sample(...of));
const text = (...of: Parameters<typeof sample>): string => textOf(html(...of));

describe('cards between two runs', () => {
  const activity = 'gocd-card-activity';

  it('are those that commits name, by whether they meet the conditions, each with its commits', () => {
    const shown = text(activity);
    expect(shown).toContain('5 commits from run 20 to run 24, naming 4 cards');
    const [met = '', others = ''] = shown.split('Not matching');
    expect(met).toMatch(/Matching 1 Meets the conditions #95 Subscribe to an RSS feed Story/);
    expect(met).toContain('#95 Subscribe to the feed: the icon in the header Ann Archer, 25 Nov 2026, 10:34');
    expect(others).toMatch(/^ 2 .*#10 Save sent messages Story Status: In development Owner: bob/);
    expect(others).toMatch(/#10 #27 Drafts are kept in one place .*#10 Keep a copy of what was sent/);
    expect(others).toMatch(
      /#27 Attachments vanish when a draft is saved twice Bug Status: New #10 #27 Drafts/,
    );
    expect(shown).toContain('or you don’t have access to it: #4711.');
    expect(shown).not.toContain('Spelling');
  });

  it('lead to Mingle’s cards and GoCD’s comparison', () => {
    const shown = html(activity);
    expect(shown).toContain('href="https://mingle.example.com/projects/apollo/cards/95"');
    expect(shown).toContain('href="https://gocd.example.com/go/compare/apollo-web/20/with/24"');
  });

  it('are found by the pattern that the page gives', () => {
    const { parameters, answers } = sample(activity);
    const found = (pattern: string): string =>
      text(activity, 'sample', {
        parameters: { ...parameters, pattern },
        answers: { changes: answers.changes } as never,
      });
    expect(found('^#(\\d+)')).toContain('naming 2 cards');
    for (const pattern of ['ticket-(\\d+)', '#(\\d+'])
      expect(found(pattern)).toContain('None of the 5 commits between these two runs names a card.');
  });

  it('are shown by their numbers where Mingle shows none, with what GoCD says', () => {
    const { changes } = sample(activity).answers;
    const [gocd] = sample(activity).connected;
    const missing = [{ state: 'connect', provider: 'mingle', name: 'Mingle' }] as const;
    const model = { answers: { changes } as never, connected: gocd ? [gocd] : [], missing };
    const shown = text(activity, 'sample', model);
    expect(shown).toMatch(/#95 Card #95 Subscribe to the feed/);
    expect(shown).toContain('#4711 Card Upgrade the build image');
    expect(shown).not.toContain('doesn’t know');
    expect(html(activity, 'sample', model)).toContain('data-oriel-action="connect"');
  });

  it('may lack some where one of the runs went back', () => {
    const { answers } = sample(activity);
    const data = { ...(answers.changes?.data as object), is_bisect: true };
    const bent = { ...answers, changes: { ...answers.changes, data } } as never;
    expect(text(activity, 'sample', { answers: bent })).toContain('so commits may be missing here');
  });

  it('are none where no commit names one', () => {
    expect(text(activity, 'sample-empty')).toContain(
      'None of the 2 commits between these two runs names a card.',
    );
  });
});
