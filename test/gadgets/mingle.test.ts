import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUpMingle } from './mingle-setup.js';

type ConnectSetup = Awaited<ReturnType<typeof setUpMingle>>;
let setup: ConnectSetup;

beforeAll(async () => {
  setup = await setUpMingle();
});

afterAll(() => setup.close());

/** The numbers of the cards shown, in their order. */
const cardsIn = (html: string): readonly number[] => [
  ...new Set([...html.matchAll(/\/projects\/\w+\/cards\/(\d+)"/g)].map(([, number]) => Number(number))),
];

it('the gadgets that ship have no faults', () => {
  expect(setup.faults).toEqual([]);
});

describe('card activity, with Mingle itself', () => {
  const activity = (login: string, given: Record<string, string>) =>
    setup.show(login, 'mingle-card-activity', given);

  it('shows which of the cards meet the conditions now, with their properties and latest events', async () => {
    const { state, html, text } = await activity('ann', {
      project: 'apollo',
      cards: '4,1,9999',
      conditions: "Priority = 'Urgent' AND Status = Done",
      properties: 'status,OWNER,Colour',
    });
    expect(state).toBe('content');
    expect(cardsIn(html)).toEqual([4, 1]);
    expect(text).toMatch(/Matching 1 .*Compose a message.*Not matching 1 .*Sign up/);
    expect(text).toContain('This project has no property called “Colour”');
    expect(text).toMatch(/Status .*Owner/);
    expect(text).toContain('#9999');
    expect(html).toContain(`href="${setup.mingle.url}/projects/apollo/cards/4"`);
    expect(html).toMatch(/<time datetime=/);
  });

  it('shows one card as well as many, and without conditions', async () => {
    const { html, text } = await activity('ann', { project: 'apollo', cards: '7' });
    expect(cardsIn(html)).toEqual([7]);
    expect(text).toContain('Reply to all');
    expect(text).not.toContain('conditions');
  });

  it('shows a friendly page when the change names no card', async () => {
    const { state, text } = await activity('ann', { project: 'apollo', cards: '' });
    expect(state).toBe('content');
    expect(text).toContain('names no card');
  });

  it('takes five hundred card numbers at once', async () => {
    const numbers = Array.from({ length: 500 }, (_, index) => 999_999_000 + index);
    const { state, html } = await activity('ann', {
      project: 'apollo',
      cards: ['5', ...numbers.slice(1)].join(','),
    });
    expect(state).toBe('content');
    expect(cardsIn(html)).toContain(5);
  });

  it('shows a person nothing of a project that Mingle does not show them', async () => {
    const hers = await activity('ann', { project: 'apollo', cards: '4,1' });
    const his = await activity('bob', { project: 'apollo', cards: '4,1' });
    expect(hers.text).toContain('Compose a message');
    expect(his.state).toBe('no-access');
    expect(his.text).toContain(
      'Either the resource you requested does not exist or you do not have access rights',
    );
    expect(his.html).not.toContain('Compose');
    expect((await activity('bob', { project: 'nowhere', cards: '1' })).state).toBe('not-found');
  });

  it('shows Mingle’s own sentence when it does not understand the conditions', async () => {
    const { state, text } = await activity('ann', {
      project: 'apollo',
      cards: '1',
      conditions: 'Colour = Red',
    });
    expect(state).toBe('misconfigured');
    expect(text).toContain("Card property 'Colour' does not exist!");
  });

  it('keeps hostile conditions within their parentheses', async () => {
    const everything = await activity('ann', {
      project: 'apollo',
      cards: '1,4',
      conditions: 'Name = \') OR (Number > 0\' OR Name = "x"',
    });
    expect(everything.text).toMatch(/Not matching 2/);
    await expect(
      activity('ann', { project: 'apollo', cards: '1', conditions: 'Number = 1) OR (Number > 0' }),
    ).rejects.toMatchObject({ code: 'parameter_invalid' });
  });
});

describe('cards, with Mingle itself', () => {
  const cards = (login: string, given: Record<string, string>) => setup.show(login, 'mingle-cards', given);

  it('shows the cards that meet any condition, newest number first', async () => {
    const { html } = await cards('ann', {
      project: 'apollo',
      conditions: "Type = Bug AND Priority = 'Urgent'",
    });
    const numbers = cardsIn(html);
    expect(numbers).toContain(6);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  it('shows all cards without a condition, at most as many as are wanted, in any of its orders', async () => {
    for (const sort of ['Number ASC', 'Number DESC', 'Name ASC', 'Type ASC', "'Modified on' DESC"]) {
      const { state, html } = await cards('ann', { project: 'apollo', properties: '', sort, limit: '5' });
      expect([sort, state, cardsIn(html).length]).toEqual([sort, 'content', 5]);
    }
  });

  it('says so when no card meets the condition', async () => {
    const { state, html, text } = await cards('bob', { project: 'borealis', conditions: 'Number > 100000' });
    expect([state, cardsIn(html)]).toEqual(['content', []]);
    expect(text).toContain('No card');
  });

  it('refuses an order that is none of its own', async () => {
    await expect(cards('ann', { project: 'apollo', sort: 'Number; DROP' })).rejects.toMatchObject({
      code: 'parameter_invalid',
    });
  });
});

describe('events, with Mingle itself', () => {
  it('shows what last happened, newest first, read over several pages', async () => {
    const { state, html, text } = await setup.show('ann', 'mingle-events', {
      project: 'apollo',
      pages: '3',
    });
    expect(state).toBe('content');
    expect(html.match(/<li class="oriel-row">/g)?.length).toBeGreaterThan(50);
    const times = [...html.matchAll(/<time datetime="([^"]+)"/g)].map(([, at = '']) => at);
    expect(times).toEqual([...times].sort().reverse());
    expect(text).toMatch(/Status ?: [\w ]+ → [\w ]+/);
    expect(text).toContain('The whole history in Mingle');
    expect(html).toContain(`href="${setup.mingle.url}/projects/apollo/cards/`);
  });

  it('shows a person nothing of a project that Mingle does not show them', async () => {
    const his = await setup.show('bob', 'mingle-events', { project: 'apollo' });
    expect(his.state).toBe('no-access');
    expect(his.html).not.toContain('Dark colours');
  });
});

describe('murmurs, with Mingle itself', () => {
  it('shows what was said, newest first, with the cards that are named', async () => {
    const { html, text } = await setup.show('ann', 'mingle-murmurs', { project: 'apollo', limit: '10' });
    expect(html.match(/<li class="oriel-row">/g)).toHaveLength(10);
    expect(text).toMatch(/Ann Kowalski .*#37 #37 looks good on my screen now/);
    expect(text).toContain('Rename <b>Trash</b> to “Bin”?');
    expect(html).toContain(`href="${setup.mingle.url}/projects/apollo/cards/17"`);
    expect(html).toContain('href="http://lab.example.com/screens/4"');
    expect(text).toMatch(/Good morning, day 24 .*Showing the first 10/);
    const further = await setup.show('ann', 'mingle-murmurs', { project: 'apollo', limit: '10', pages: '2' });
    expect(further.html.match(/<li class="oriel-row">/g)).toHaveLength(33);
    expect(further.text).toMatch(/Good morning, day 1 /);
    expect(further.text).not.toContain('All murmurs');
  });

  it('shows all there are, and to those alone who may see them', async () => {
    const hers = await setup.show('bob', 'mingle-murmurs', { project: 'borealis' });
    expect(hers.text).toContain('The observatory sends new data');
    expect(hers.text).not.toContain('All murmurs');
    expect((await setup.show('bob', 'mingle-murmurs', { project: 'apollo' })).state).toBe('no-access');
  });
});
