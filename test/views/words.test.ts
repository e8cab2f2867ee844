import { describe, expect, it } from 'vitest';
import { gadget } from '../support/a-gadget.js';
import { everyObstacle, everyPage } from './support/every-page.js';
import { ourViews, textOf } from './support/our-views.js';

const views = ourViews();

const flow = {
  ...everyPage('x')['connect/finish'],
  flow: 'flow-1',
  host: { name: 'Acme Portal', origin: 'https://portal.acme.example' },
  viewer: { name: 'Alice Smith', email: 'alice@acme.example' },
  gadget: 'Card activity',
  provider: { name: 'GitHub', accountPage: 'https://github.example/settings', apiHost: 'api.github.example' },
  scopes: [],
  account: { id: '7', label: 'bob-gh' },
  emailDiffers: false,
  oneGrantPerAccount: false,
  canChooseAccount: true,
};
const page = (template: string, other: object = {}): string => views.page(template, { ...flow, ...other });
const words = (template: string, other: object = {}): string => textOf(page(template, other));

describe('the first question (T9, T10)', () => {
  it('names host, origin, provider and viewer, and who may go on', () => {
    const shown = words('connect/question-body');
    expect(shown).toContain(
      'Acme Portal (https://portal.acme.example) asks to show your GitHub data to Alice Smith (alice@acme.example).',
    );
    expect(shown).toContain('Continue only if you are Alice Smith and you just pressed Connect there.');
    expect(shown).toContain('Data from api.github.example');
    expect(shown).toContain('Continue to GitHub');
    expect(shown).toContain('I’m not Alice Smith');
  });

  it('says what may be seen: everything where no permissions are named, else within which', () => {
    expect(words('connect/question-body')).toContain('everything your GitHub account has access to');
    const within = words('connect/question-body', { scopes: ['read', 'issues'] });
    expect(within).toMatch(/what your GitHub account has access to, within these permissions: read.+issues/);
    expect(within).not.toContain('everything');
  });

  it('says so when the host names no viewer', () => {
    const shown = words('connect/question-body', { viewer: { name: null, email: null } });
    expect(shown).toContain('to the person signed in there.');
    expect(shown).toContain('Acme Portal doesn’t say that person’s name.');
    expect(shown).not.toContain('null');
  });

  it('has a button that is disabled at first, and sends only the flow', () => {
    const shown = page('connect/question-body');
    expect(shown).toMatch(
      /action="\/connect\/go"><input type="hidden" name="flow" value="flow-1"><button [^>]*data-oriel-arm>/,
    );
    expect(shown.match(/<input/g)).toHaveLength(2);
  });

  it('says which older connection it ends, where the provider keeps only one', () => {
    expect(words('connect/question-body', { oneGrantPerAccount: true })).toContain(
      'GitHub keeps one connection per account. Continuing ends an older connection',
    );
    expect(words('connect/question-body')).not.toContain('older connection');
  });
});

describe('the second question (T9, T13)', () => {
  it('names the account, and who will see its data where', () => {
    const shown = words('connect/finish');
    expect(shown).toContain('You signed in to GitHub as bob-gh.');
    expect(shown).toContain(
      'Let Alice Smith (alice@acme.example) in Acme Portal (https://portal.acme.example) see',
    );
    for (const button of ['Connect', 'Use another account', 'Cancel'])
      expect(page('connect/finish')).toContain(`>${button}</button>`);
  });

  it('asks about everything where no permissions are named, else names them', () => {
    expect(words('connect/finish')).toContain('see everything this GitHub account has access to?');
    const within = words('connect/finish', { scopes: ['read', 'issues'] });
    expect(within).toMatch(/see what this GitHub account has access to\?.*read.+issues/);
    expect(within).not.toContain('everything');
  });

  it('says plainly that the provider does not say, with a link to check there', () => {
    const shown = page('connect/finish', { account: null, canChooseAccount: false });
    expect(textOf(shown)).toContain(
      'but it doesn’t tell us which account you used; check which account is signed in',
    );
    expect(shown).toContain('href="https://github.example/settings"');
    expect(textOf(shown)).toContain('To use another account, sign out of GitHub');
  });

  it('warns when the e-mail addresses differ, and then prefers no button', () => {
    const shown = page('connect/finish', { emailDiffers: true });
    expect(textOf(shown)).toContain(
      'This GitHub account has a different email address from the one Acme Portal has for Alice Smith.',
    );
    expect(shown).not.toContain('button-primary');
    expect(page('connect/finish')).toContain('button-primary');
  });
});

it('the page without an opener says that a link to it does not work, and which header to change', () => {
  expect(words('connect/help')).toContain(
    'Go to the page where you saw the gadget and press Connect there. A link to this page can’t be used by anyone else or shared.',
  );
  expect(words('connect/help')).toContain(
    'Cross-Origin-Opener-Policy must be same-origin-allow-popups or absent',
  );
});

it('Cancel says what became of the permission, and what it ended', () => {
  expect(words('connect/cancelled', { revoked: 'nothing', endedOlder: false })).toContain(
    'Nothing was connected. Acme Portal can’t',
  );
  expect(words('connect/cancelled', { revoked: 'revoked' })).toContain('revoked the permission you gave');
  const shown = words('connect/cancelled', { revoked: 'unsupported', endedOlder: true });
  expect(shown).toContain('You can delete it in your GitHub account');
  expect(shown).toContain('If the account you signed in with had an older connection, that one has ended');
});

describe('a state', () => {
  const state = (obstacle: ReturnType<typeof everyObstacle>[number]): string =>
    views.state({ gadget: gadget(), obstacle, providerName: 'Mingle', accountPage: null, locale: 'en' });

  it.each(everyObstacle('mingle').map((obstacle) => [obstacle.state, obstacle] as const))(
    'of %s has a heading, a sentence and something to press',
    (_state, obstacle) => {
      const html = state(obstacle);
      expect(html).toMatch(/<h1>[\s\S]+<\/h1>\s*<p>[\s\S]+<\/p>/);
      expect(html).toMatch(/<button [^>]*data-oriel-action="(connect|reconnect|other-account|retry)"/);
      expect(html).not.toMatch(/undefined|null/);
    },
  );

  it('to connect says who decides what will be seen', () => {
    expect(textOf(state({ state: 'connect', provider: 'mingle' }))).toContain(
      'Connect your Mingle account to see what it has access to.',
    );
  });

  it('to reconnect says why, differently for each reason', () => {
    const reasons = everyObstacle('x').filter((obstacle) => obstacle.state === 'reconnect');
    expect(new Set(reasons.map((obstacle) => textOf(state(obstacle)))).size).toBe(9);
  });

  it('says “still connected” of a provider that is away only to a person who is', () => {
    const away = (connected: boolean): string => {
      const obstacle = { state: 'provider-down', provider: 'mingle', reason: 'undiscovered' } as const;
      const of = { gadget: gadget(), accountPage: null, locale: 'en', providerName: 'Mingle' };
      return textOf(views.state({ ...of, obstacle, connected }));
    };
    expect(away(true)).toContain('You’re still connected');
    for (const connected of [true, false]) expect(away(connected)).toContain('Mingle can’t be reached');
    expect(away(false)).not.toContain('connected');
  });

  it('shows the provider’s own sentence where it said one', () => {
    const detail = "Card property 'Foo' does not exist!";
    const shown = textOf(
      state({ state: 'misconfigured', provider: 'mingle', code: 'query_refused', detail }),
    );
    expect(shown).toContain(detail);
    expect(shown).toContain('query_refused');
  });
});

it.each(['loading', 'waiting', 'signed-out', 'expired'])(
  'the launch page brings the state %s along',
  (state) => {
    expect(views.page('frame/launch', everyPage('x')['frame/launch'] ?? {})).toMatch(
      new RegExp(`<template data-oriel-template="${state}"><section [^>]*data-oriel-state="${state}"`),
    );
  },
);

it('every page that knows its request id shows it', () => {
  for (const template of [
    'frame/launch',
    'frame/relaunch',
    'frame/refusal',
    'site/error',
    'connect/finish',
    'connections/list',
  ])
    expect(views.page(template, { ...everyPage('x')[template], requestId: 'request-4711' })).toContain(
      'request-4711',
    );
});
