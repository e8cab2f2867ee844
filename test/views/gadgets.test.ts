import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { reading } from '../gadgets/reading.js';
import { everyObstacle } from './support/every-page.js';
import { htmlFaults } from './support/html-faults.js';
import { type OurGadget, ourViews, sample, textOf } from './support/our-views.js';

const views = ourViews();
const html = (...of: Parameters<typeof sample>): string => views.content(sample(...of));
const text = (...of: Parameters<typeof sample>): string => textOf(html(...of));

const SAMPLES: readonly (readonly [OurGadget, string])[] = [
  ['mingle-card-activity', 'sample'],
  ['mingle-card-activity', 'sample-plain'],
  ['mingle-card-activity', 'sample-empty'],
  ['mingle-card-activity', 'sample-long'],
  ['mingle-card-activity', 'sample-hostile'],
  ['mingle-card-activity', 'sample-right-to-left'],
  ['mingle-cards', 'sample'],
  ['mingle-cards', 'sample-empty'],
  ['mingle-cards', 'sample-long'],
  ['mingle-cards', 'sample-hostile'],
  ['mingle-cards', 'sample-right-to-left'],
  ['gocd-pipelines', 'sample'],
  ['gocd-pipelines', 'sample-empty'],
  ['gocd-pipelines', 'sample-long'],
  ['gocd-pipelines', 'sample-hostile'],
  ['gocd-pipelines', 'sample-right-to-left'],
  ['gocd-pipelines', 'sample-legacy'],
  ['gocd-pipeline-activity', 'sample'],
  ['gocd-pipeline-activity', 'sample-empty'],
  ['gocd-pipeline-activity', 'sample-long'],
  ['gocd-pipeline-activity', 'sample-hostile'],
  ['gocd-pipeline-activity', 'sample-right-to-left'],
  ['gocd-pipeline-activity', 'sample-legacy'],
  ['gocd-card-activity', 'sample'],
  ['gocd-card-activity', 'sample-empty'],
  ['gocd-card-activity', 'sample-long'],
  ['gocd-card-activity', 'sample-hostile'],
  ['gocd-card-activity', 'sample-right-to-left'],
  ['card-activity', 'sample'],
  ['card-activity', 'sample-mingle'],
  ['card-activity', 'sample-github'],
  ['card-activity', 'sample-gitlab'],
  ['card-activity', 'sample-empty'],
  ['card-activity', 'sample-long'],
  ['card-activity', 'sample-hostile'],
  ['card-activity', 'sample-right-to-left'],
  ['mingle-events', 'sample'],
  ['mingle-events', 'sample-empty'],
  ['mingle-events', 'sample-long'],
  ['mingle-events', 'sample-hostile'],
  ['mingle-events', 'sample-right-to-left'],
  ['mingle-murmurs', 'sample'],
  ['mingle-murmurs', 'sample-empty'],
  ['mingle-murmurs', 'sample-long'],
  ['mingle-murmurs', 'sample-hostile'],
  ['mingle-murmurs', 'sample-right-to-left'],
];

it.each(SAMPLES)('%s shows its %s as one element of sound HTML', (id, name) => {
  const fragment = html(id, name);
  expect(htmlFaults(fragment)).toEqual([]);
  expect(fragment.trim()).toMatch(
    /^<section class="oriel-content" data-oriel-state="content">[\s\S]*<\/section>$/,
  );
  expect(fragment.match(/data-oriel-state/g)).toHaveLength(1);
});

describe('A button of a gadget', () => {
  const buttons = (fragment: string): readonly string[] =>
    [...fragment.matchAll(/data-oriel-action="([\w-]+)"(?: data-oriel-provider="([^"]*)")?/g)].map(
      ([, action, provider = '']) => `${action} ${provider}`,
    );
  const once = (found: readonly string[]): void => {
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual([...new Set(found)]);
  };

  it.each(everyObstacle('mingle').map((obstacle) => [obstacle.state, obstacle] as const))(
    'is shown once, not both in the text and behind Options, in the state %s',
    (_, obstacle) => {
      const of = { gadget: sample('mingle-cards').gadget, locale: 'en', accountPage: null };
      for (const connected of [true, false])
        once(buttons(views.state({ ...of, obstacle, connected, providerName: 'Mingle' })));
    },
  );

  it.each(everyObstacle('github').map((obstacle) => [obstacle.state, obstacle] as const))(
    'is shown once where only a part is missing, in the state %s',
    (_, obstacle) => {
      const missing = [
        { ...obstacle, name: 'GitHub' },
        { ...obstacle, provider: 'wiki', name: 'Wiki' },
      ];
      const found = buttons(html('mingle-cards', 'sample', { missing }));
      once(found);
      expect(found.filter((each) => each.startsWith('retry'))).toHaveLength(1);
    },
  );
});

describe('card activity', () => {
  it('shows first the cards that meet the conditions now, and says so in words', () => {
    const shown = text('mingle-card-activity');
    expect(shown).toContain("Grouping conditions: Status > 'In development'");
    const [met = '', others = ''] = shown.split('Not matching');
    expect(met).toMatch(/Matching 1 Meets the conditions #95 Subscribe to an RSS feed Story/);
    expect(others).toMatch(/^ 2 .*#10 Save sent messages Story.*#27 Attachments vanish/);
  });

  it('shows the type and the properties of each card, also those that are not set', () => {
    const shown = text('mingle-card-activity');
    expect(shown).toMatch(/Subscribe to an RSS feed Story Status ?: Accepted Owner ?: ann/);
    expect(shown).toMatch(/saved twice Bug Status ?: New Owner ?: – not set/);
  });

  it('keeps the order in which the page named the cards', () => {
    const parameters = { ...sample('mingle-card-activity').parameters, cards: [27, 10, 95] };
    expect(text('mingle-card-activity', 'sample', { parameters })).toMatch(/#27 .*Bug .*#10 .*Story/);
  });

  it('shows one list without marks when the page sets no conditions', () => {
    const { conditions: _, ...parameters } = sample('mingle-card-activity').parameters;
    const { met: __, ...answers } = sample('mingle-card-activity').answers;
    const shown = text('mingle-card-activity', 'sample', { parameters, answers });
    expect(shown).toMatch(/#95 .*#10 .*#27 /);
    expect(shown).not.toMatch(/conditions/);
  });

  it('says what last happened to each card, who did it and when', () => {
    const shown = text('mingle-card-activity');
    expect(shown).toMatch(/Status ?: In testing → Accepted Ann Archer, 25 Nov 2026, 10:34/);
    expect(shown).toMatch(
      /Status ?: New → In development ?; Owner ?: not set → bob Bob Baker, 25 Nov 2026, 09:11/,
    );
    expect(html('mingle-card-activity')).toContain(
      '<time datetime="2026-11-25T09:34:40.000Z" data-oriel-age>',
    );
  });

  it('says how far back it looked for events', () => {
    const { answers } = sample('mingle-card-activity');
    const events = { ...answers.events, pages: 5, more: true };
    const far = { ...answers, events } as typeof answers;
    expect(text('mingle-card-activity')).toContain(
      'The latest events are from all 4 of the project’s events.',
    );
    expect(text('mingle-card-activity', 'sample', { answers: far })).toContain(
      'The latest events are from the project’s last 4: its newest page of events and 4 pages before it. Older events aren’t read.',
    );
  });

  it('does without events when Mingle has no answer for them, and says that they are missing', () => {
    const { events: _, ...answers } = sample('mingle-card-activity').answers;
    const missing = [
      { state: 'provider-down', provider: 'mingle', name: 'Mingle', reason: 'timeout' },
    ] as const;
    const shown = text('mingle-card-activity', 'sample', { answers, missing });
    expect(shown).toContain('Part of this is missing because Mingle can’t be reached right now.');
    expect(shown).toMatch(/#95 Subscribe/);
    expect(shown).not.toContain('latest events');
  });

  it('names the cards and the properties that Mingle does not know', () => {
    const shown = text('mingle-card-activity', 'sample', { unknown: { properties: ['Owner'] } });
    expect(shown).toContain(
      'Mingle doesn’t know this card in apollo, or you don’t have access to it: #4711.',
    );
    expect(shown).toContain('This project has no property called “Owner”.');
    expect(shown).toMatch(/Status ?: Accepted/);
    expect(shown).not.toMatch(/Owner ?: ann/);
  });

  it('leads to each card in Mingle, in a tab of its own', () => {
    expect(html('mingle-card-activity')).toContain(
      '<a href="https://mingle.example.com/projects/apollo/cards/95" target="_blank" rel="noopener noreferrer nofollow">Subscribe to an RSS feed</a>',
    );
  });

  it('shows names as text where it is not known where Mingle’s pages are', () => {
    const connected = sample('mingle-card-activity').connected.map((each) => ({ ...each, site: null }));
    const shown = html('mingle-card-activity', 'sample', { connected });
    expect(shown).toContain('Subscribe to an RSS feed');
    expect(shown).not.toContain('/cards/');
  });

  it('says that the page names no card', () => {
    expect(text('mingle-card-activity', 'sample-empty')).toContain('This page names no card.');
  });
});

describe('cards', () => {
  it('lists number, type, name and the properties of each card', () => {
    const shown = text('mingle-cards');
    expect(shown).toContain('Conditions: Type = Story AND Status != Accepted');
    expect(shown).toContain('3 cards in apollo');
    expect(shown).toContain('#10 Save sent messages Story In development bob');
    expect(shown).toContain('#27 Attachments vanish when a draft is saved twice Bug New – not set');
  });

  it('shows no more than the page allows, and says how many there are', () => {
    const parameters = { ...sample('mingle-cards').parameters, limit: 2 };
    const shown = text('mingle-cards', 'sample', { parameters });
    expect(shown).toContain('The first 2 of 3 cards in apollo');
    expect(shown).not.toContain('#10');
  });

  it('says that no card meets the conditions', () => {
    expect(text('mingle-cards', 'sample-empty')).toContain(
      'No card you have access to meets these conditions.',
    );
  });
});

describe('pipelines', () => {
  const german = { locale: 'de' };

  it('are shown by group, with how the last run went, who triggered it and each stage', () => {
    const shown = text('gocd-pipelines');
    expect(shown).toMatch(/apollo 2 building apollo-web Run 24 Triggered by changes 25 Nov 2026, 10:11/);
    expect(shown).toContain('build: passed test: passed package: building');
    expect(shown).toMatch(/failed apollo-deploy Run 8 Triggered by ann/);
    expect(shown).toMatch(/operations 2 .*archive Has not run yet/);
  });

  it('say who broke them and why they are paused, in the viewer’s language', () => {
    const shown = text('gocd-pipelines', 'sample', german);
    expect(shown).toContain('Fehler verursacht von Ann Archer, Bob Baker');
    expect(shown).toContain('Angehalten von ada: The agents move to another rack until Monday');
  });

  it('are shown without those who broke them where GoCD does not say', () => {
    const { breakers: _, ...answers } = sample('gocd-pipelines').answers;
    const shown = text('gocd-pipelines', 'sample', { answers });
    expect(shown).toMatch(/failed apollo-deploy/);
    expect(shown).not.toContain('Broken by');
  });

  it('lead to GoCD’s own pages of pipeline and stage', () => {
    const shown = html('gocd-pipelines');
    expect(shown).toContain('href="https://gocd.example.com/go/pipeline/activity/apollo-web"');
    expect(shown).toContain('href="https://gocd.example.com/go/pipelines/apollo-web/24/package/1"');
  });

  it('are those of the groups that the page names, no more than it allows, and it is said how many there are', () => {
    const { parameters } = sample('gocd-pipelines');
    const some = text('gocd-pipelines', 'sample', { parameters: { ...parameters, groups: ['operations'] } });
    expect(some).toContain('infrastructure');
    expect(some).not.toContain('apollo');
    const few = text('gocd-pipelines', 'sample', { parameters: { ...parameters, limit: 1 } });
    expect(few).toContain('Showing 1 of 4 All pipelines in GoCD');
    expect(few).not.toContain('apollo-deploy');
  });

  it('are said to be none, or not known yet while GoCD starts', () => {
    expect(text('gocd-pipelines', 'sample-empty')).toContain('There is no pipeline here that you may see.');
    const { dashboard, ...others } = sample('gocd-pipelines').answers;
    const answers = {
      ...others,
      dashboard: { ...dashboard, data: { message: 'Dashboard is being processed' } },
    };
    expect(text('gocd-pipelines', 'sample', { answers: answers as never })).toContain(
      'GoCD is just starting',
    );
  });

  it('take less than 30 KB for twenty of three stages', () => {
    const [row = ''] = html('gocd-pipelines').match(/<li class="oriel-row">[\s\S]*?<\/ol>/) ?? [];
    expect(row.length).toBeGreaterThan(500);
    expect(row.length * 20).toBeLessThan(28_500);
  });
});

describe('pipeline activity', () => {
  it('draws how long runs took that have ended, each in the color of its result', () => {
    const [chart = ''] = html('gocd-pipeline-activity').match(/<ul class="oriel-bars">[\s\S]*?<\/ul>/) ?? [];
    expect(textOf(chart)).toBe('failed 23 14m passed 22 11m 30s');
    expect(chart).toMatch(/oriel-bad[\s\S]*width="100%"[\s\S]*oriel-good[\s\S]*width="82.14%"/);
  });

  it('says what changed in each run, by whom, and how much more there is', () => {
    const shown = text('gocd-pipeline-activity');
    expect(shown).toMatch(
      /building Run 24 Triggered by changes .*#37 Dark colours, first half Ann Archer 2a9f0d17bc/,
    );
    expect(shown).toMatch(/#4 Change 4 Bob Baker 4c1d2e3f4a and 2 more changes/);
    expect(shown).toContain('Run 22 Triggered by ada');
    expect(shown).not.toContain('unchanged');
  });

  it('leads to each run in GoCD', () => {
    expect(html('gocd-pipeline-activity')).toContain(
      'href="https://gocd.example.com/go/pipelines/value_stream_map/apollo-web/24"',
    );
  });

  it('shows runs without durations where it is not known when they ended', () => {
    const { ended: _, ...answers } = sample('gocd-pipeline-activity').answers;
    const shown = text('gocd-pipeline-activity', 'sample', { answers });
    expect(shown).toContain('failed Run 23');
    expect(shown).not.toContain('Results and durations');
  });

  it('takes less than 30 KB, however long everything is', () => {
    expect(Buffer.byteLength(html('gocd-pipeline-activity', 'sample-long'))).toBeLessThan(30_000);
  });
});

describe('the foot of a gadget', () => {
  it('says that the provider does not say whose account it is, and where to look', () => {
    const shown = html('mingle-cards');
    expect(textOf(shown)).toContain(
      'Showing your Mingle data. Mingle doesn’t say whose account this is; check which account is signed in.',
    );
    expect(shown).toContain('href="https://mingle.example.com/oauth/user_tokens"');
  });

  it('names the account when the provider gives it', () => {
    const connected = sample('mingle-cards').connected.map((each) => ({
      ...each,
      account: { id: '1', label: 'bob-gh' },
    }));
    expect(text('mingle-cards', 'sample', { connected })).toContain('Data from Mingle · account bob-gh');
  });

  it('offers what can be done, by the actions that the frame’s script knows', () => {
    const shown = html('mingle-cards');
    for (const action of ['retry', 'other-account', 'disconnect', 'connections'])
      expect(shown).toContain(`data-oriel-action="${action}"`);
    expect(shown).toMatch(/data-oriel-action="disconnect" data-oriel-provider="mingle"/);
  });

  it('says that what it shows is old, when it is', () => {
    expect(text('mingle-cards', 'sample', { stale: true })).toContain(
      'Not up to date. Mingle isn’t sending new data right now. This is the latest data we have.',
    );
  });
});

describe('A gadget in another language', () => {
  it.each([
    ['de', 'Kartenaktivität'],
    ['de-AT', 'Kartenaktivität'],
    ['ar', 'نشاط البطاقات'],
    // Its sentences are in English then, and so is its title.
    ['it', 'Card activity'],
  ])('is titled in that of its sentences: %s', async (locale, title) => {
    const { entries } = await loadCatalog(['gadgets'], reading);
    const found = entries.map(({ gadget }) => gadget).find(({ id }) => id === 'mingle-card-activity');
    if (found === undefined) throw new Error('the gadget does not load');
    const shown = views.content(sample('mingle-card-activity', 'sample-plain', { gadget: found, locale }));
    expect(shown).toContain(`<h1 class="unseen">${title}</h1>`);
    expect(shown).toContain(`aria-label="${title}"`);
  });

  it('separates names and times as that writes lists', () => {
    const shown = html('mingle-card-activity', 'sample', { locale: 'ar' });
    expect(shown).toContain('، ');
    expect(shown).not.toMatch(/<\/bdi>, /);
  });
});

describe('murmurs', () => {
  it('have the picture of who said it where Mingle has one, and initials in the same space elsewhere', () => {
    const asked: string[] = [];
    const shown = views.content(sample('mingle-murmurs'), (written) => {
      asked.push(written);
      return '/frame/images/0.a.b';
    });
    expect(asked).toEqual(['/user/icon/1/profile.png', '/user/icon/1/profile.png']);
    const avatars = shown.match(/<span class="oriel-avatar [^>]*>/g) ?? [];
    expect(avatars.map((each) => each.includes('data-oriel-image="/frame/images/0.a.b"'))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('end where the host said at first, and are all there once a viewer asked for more', () => {
    const rows = (parameters: object): number =>
      html('mingle-murmurs', 'sample-long', {
        parameters: { project: 'apollo', limit: 5, ...parameters },
      }).match(/<li class="oriel-row">/g)?.length ?? 0;
    expect(rows({ pages: 1 })).toBe(5);
    expect(rows({ pages: 4 })).toBe(100);
  });
});
