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

  it.each([
    ['gocd-card-activity', '#77', 'Card'],
    ['card-activity', 'MAIL-77', 'Issue'],
  ] as const)('are read out of a long message to its end: %s', (id, reference, words) => {
    const { answers, parameters } = sample(id);
    const shownWith = (messages: readonly string[]): string => {
      const revision = messages.map((commit_message) => ({ commit_message, revision_sha: 'c0ffee' }));
      const changes = { ...answers.changes, data: { changes: [{ revision }] } };
      return text(id, 'sample', { parameters, answers: { changes } as never });
    };
    const usual = `Keep drafts\n\n${'What was wrong and why, at length. '.repeat(100)}\nCloses ${reference}`;
    expect(usual.length).toBeGreaterThan(3000);
    expect(shownWith([usual])).toContain(`${reference} ${words} Keep drafts`);
    // However much there is, it is shown.
    const long = `${usual} ${'and so on '.repeat(2000)}`;
    expect(shownWith(Array.from({ length: 200 }, () => `${reference} ${long}`))).toContain(reference);
  });

  it('are there where they are named far down and known, without their commits', () => {
    const { answers } = sample('card-activity');
    const commit_message = `${'x '.repeat(4200)} MAIL-95`;
    const changes = {
      ...answers.changes,
      data: { changes: [{ revision: Array.from({ length: 40 }, () => ({ commit_message })) }] },
    };
    expect(text('card-activity', 'sample', { answers: { ...answers, changes } as never })).toContain(
      'MAIL-95 Subscribe to an RSS feed',
    );
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

describe('issues between two runs', () => {
  const issues = 'card-activity';

  it.each([
    [
      'sample',
      /MAIL-95 Subscribe to an RSS feed AA Ann Archer .*Accepted MAIL-10/,
      'https://acme.atlassian.example/browse/MAIL-95',
    ],
    [
      'sample-mingle',
      /#95 Subscribe to an RSS feed .*Story #10/,
      'https://mingle.example.com/projects/apollo/cards/95',
    ],
    [
      'sample-github',
      /#95 Subscribe to an RSS feed A ann .*Closed #10/,
      'https://github.example.com/acme/mail/issues/95',
    ],
    [
      'sample-gitlab',
      /#95 Subscribe to an RSS feed AA Ann Archer .*Closed #10 Issue/,
      'https://gitlab.example.com/acme/mail/-/issues/95',
    ],
  ])('are those of the tracker that answered: %s', (name, words, address) => {
    expect(text(issues, name)).toMatch(words);
    expect(html(issues, name)).toContain(`href="${address}"`);
    expect(text(issues, name)).toContain('Those without a title are not known to');
  });

  it('are shown by their numbers where the tracker shows none', () => {
    const { changes } = sample(issues).answers;
    const shown = text(issues, 'sample', { answers: { changes } as never });
    expect(shown).toMatch(/issues MAIL-95 Issue MAIL-95 Subscribe to the feed/);
    expect(shown).not.toContain('without a title');
  });
});

describe('events', () => {
  it('say who did what, and how much more there is', () => {
    const shown = text('mingle-events');
    expect(shown).toContain('Status: In testing → Accepted');
    expect(shown).toContain('Status: New → In development; Owner: not set → Bob Baker');
    expect(shown).toContain('Revision 2a9f0d17bc committed');
    expect(shown).toContain('Something else changed');
    expect(shown).not.toContain('The whole history');
    const long = text('mingle-events', 'sample-long');
    expect(long).toContain('and 2 more changes');
    expect(long).toContain('Showing the first 100');
  });

  it('lead to what they are about, and nowhere that is no page', () => {
    expect(html('mingle-events')).toContain(
      'href="https://mingle.example.com/projects/apollo/wiki/Overview"',
    );
    expect(html('mingle-events', 'sample-hostile')).not.toContain('href="javascript:');
  });

  it('are in the viewer’s language', () => {
    expect(text('mingle-events', 'sample-empty', { locale: 'de' })).toContain('nichts geschehen');
  });
});

describe('murmurs', () => {
  it('are shown as they were said, with links to what they name', () => {
    const shown = html('mingle-murmurs');
    expect(shown).toContain('href="https://lab.example.com/screens/4"');
    for (const card of [95, 10]) expect(shown).toContain(`/projects/apollo/cards/${card}"`);
    expect(text('mingle-murmurs')).toContain('the help pages … Read on');
  });
});

it.each(['gocd-card-activity', 'card-activity', 'mingle-events', 'mingle-murmurs'] as const)(
  '%s takes less than 30 KB as it is usually',
  (id) => {
    expect(Buffer.byteLength(html(id))).toBeLessThan(30_000);
  },
);
