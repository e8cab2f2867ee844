import { describe, expect, it } from 'vitest';
import type { FrameSession } from '../../src/domain/frame-session.js';
import { canonical, readParameters } from '../../src/gadgets/parameters.js';
import { applyChoices, checkChoice, controlsOf } from '../../src/gadgets/viewer-choices.js';
import { gadget, parameter, request } from '../support/a-gadget.js';

const EXAMPLE = gadget({
  parameters: [
    parameter('project', { kind: 'identifier', maxLength: 40 }, { required: true, viewer: 'field' }),
    parameter('state', { kind: 'choice', values: ['open', 'closed'] }, { viewer: 'tabs' }),
    parameter('words', { kind: 'text', maxLength: 40 }, { viewer: 'field' }),
    parameter('rows', { kind: 'integer', min: 1, max: 50 }, { default: 20, viewer: 'field' }),
    parameter('mine', { kind: 'boolean' }, { viewer: 'field' }),
    parameter('since', { kind: 'date' }, { viewer: 'field' }),
    parameter('fixed', { kind: 'text', maxLength: 40 }),
  ],
  requests: [request('issues', { path: '/projects/{project}/{words}', when: ['words'] })],
});

const session = (
  given: Readonly<Record<string, string>>,
  choices: Readonly<Record<string, string>> = {},
  locked: Readonly<Record<string, string>> = {},
): Pick<FrameSession, 'parameters' | 'locks' | 'choices'> => ({
  parameters: readParameters(EXAMPLE, new Map(Object.entries(given)), locked),
  locks: canonical(locked),
  choices,
});

const valuesOf = (of: ReturnType<typeof session>) => ({ ...applyChoices(EXAMPLE, of).parameters });
const reject = (of: ReturnType<typeof session>, name: string, text: string | null) => {
  try {
    checkChoice(EXAMPLE, of, name, text);
    return null;
  } catch (error) {
    return error;
  }
};

describe('what a viewer chose', () => {
  it('takes the place of what the page set, typed as the parameter is', () => {
    const launched = session(
      { project: 'apollo', state: 'open' },
      { state: 'closed', rows: '5', mine: 'true', since: '2026-11-30', project: 'gemini' },
    );
    expect(valuesOf(launched)).toEqual({
      ...{ project: 'gemini', state: 'closed', rows: 5, mine: true, since: '2026-11-30' },
    });
    expect(applyChoices(EXAMPLE, launched).changeable).toEqual([
      { name: 'project', isChosen: true },
      { name: 'state', isChosen: true },
      { name: 'words', isChosen: false },
      { name: 'rows', isChosen: true },
      { name: 'mine', isChosen: true },
      { name: 'since', isChosen: true },
    ]);
  });

  it('may be that there is no value, where there need be none, and else is the definition’s default', () => {
    const given = { project: 'apollo', state: 'open', rows: '7' };
    expect(valuesOf(session(given, { state: '', rows: '', project: '' }))).toEqual({
      ...{ project: 'apollo', rows: 20 },
    });
  });

  it('never reaches what the host locked, nor what the definition keeps to pages', () => {
    const launched = session(
      { project: 'apollo', fixed: 'a' },
      { state: 'closed', fixed: 'b', other: 'c' },
      { state: 'open' },
    );
    expect(valuesOf(launched)).toEqual({ project: 'apollo', state: 'open', rows: 20, fixed: 'a' });
    expect(applyChoices(EXAMPLE, launched).changeable?.map(({ name }) => name)).not.toContain('state');
  });

  it('is left out where it no longer fits the definition, and the rest stays', () => {
    const choices = { state: 'gone', rows: '51', mine: 'maybe', since: '2026-02-30', words: 'a/b' };
    const launched = session({ project: 'apollo' }, { ...choices, project: 'gemini' });
    expect(valuesOf(launched)).toEqual({ project: 'gemini', rows: 20 });
    expect(valuesOf(session({ project: 'apollo' }, { ...choices, words: '..' }))).toEqual({
      ...{ project: 'apollo', rows: 20 },
    });
  });

  it('is the launch’s own object where nothing is chosen, or nothing may be', () => {
    const launched = session({ project: 'apollo' });
    expect(applyChoices(EXAMPLE, launched).parameters).toBe(launched.parameters);
    const plain = gadget({ parameters: EXAMPLE.parameters.map((each) => ({ ...each, viewer: null })) });
    expect(applyChoices(plain, { ...launched, choices: { state: 'open' } })).toEqual({
      parameters: launched.parameters,
    });
  });
});

describe('a new choice', () => {
  const launched = session({ project: 'apollo' }, { rows: '5' }, { mine: 'true' });
  it.each([
    ['state', 'closed'],
    ['state', null],
    ['words', 'anything but a slash'],
    ['words', ''],
    ['rows', ''],
  ])('of %s: %j is taken', (name, text) => {
    expect(reject(launched, name, text)).toBeNull();
  });

  it.each([
    ['state', 'gone', 'parameter_invalid'],
    ['rows', '0', 'parameter_invalid'],
    ['words', 'a/b', 'parameter_invalid'],
    ['words', 'x'.repeat(41), 'parameter_invalid'],
    ['project', '', 'parameter_invalid'],
    ['mine', 'false', 'parameter_locked'],
    ['mine', null, 'parameter_locked'],
    ['fixed', 'a', 'parameter_unknown'],
    ['constructor', 'a', 'parameter_unknown'],
  ])('of %s: %j is refused as %s', (name, text, code) => {
    expect(reject(launched, name, text)).toMatchObject({ code });
  });
});

describe('the controls of a gadget', () => {
  const controls = (
    more: Partial<Parameters<typeof controlsOf>[0]> = {},
    given = session({ project: 'apollo' }),
  ) => controlsOf({ gadget: EXAMPLE, locale: 'en', ...applyChoices(EXAMPLE, given), ...more });

  it('fit what they change', () => {
    expect(controls().map(({ name, kind, value }) => [name, kind, value])).toEqual([
      ['project', 'word', 'apollo'],
      ['state', 'tabs', ''],
      ['words', 'search', ''],
      ['rows', 'number', '20'],
      ['mine', 'toggle', ''],
      ['since', 'date', ''],
    ]);
    expect(controls()[1]?.options.map((each) => ({ ...each }))).toEqual([
      { value: '', label: null },
      { value: 'open', label: 'open' },
      { value: 'closed', label: 'closed' },
    ]);
    expect(controls()[3]).toMatchObject({ min: 1, max: 50 });
  });

  it('are called as the gadget’s texts say, in the viewer’s language', () => {
    const texts = {
      en: { 'parameters.state': 'Status', 'values.state.open': 'Open ones', 'values.state.': 'Whatever' },
      de: { 'parameters.state': 'Stand', 'values.state.open': 'Offene', 'values.state.': 'Egal' },
    };
    const state = controls({ gadget: { ...EXAMPLE, texts }, locale: 'de-AT' })[1];
    expect(state?.title).toBe('Stand');
    expect(state?.options.map(({ label }) => label)).toEqual(['Egal', 'Offene', 'closed']);
  });

  it('are none where the viewer may change nothing', () => {
    const locked = { project: 'a', state: 'open', words: 'b', rows: '1', mine: 'true', since: '2026-01-01' };
    expect(controls({}, session({}, {}, locked))).toEqual([]);
  });

  it('show more as long as a request that they bound has more pages', () => {
    const paged = gadget({
      parameters: [parameter('pages', { kind: 'integer', min: 1, max: 3 }, { default: 1, viewer: 'more' })],
      requests: [request('cards', { format: 'json', pages: { by: 'link', atMost: '{pages}' } })],
    });
    const next = (pages: number, more: boolean) =>
      controlsOf(
        {
          ...{ gadget: paged, parameters: { pages }, locale: 'en' },
          changeable: [{ name: 'pages', isChosen: false }],
        },
        (name) => name === 'cards' && more,
      )[0]?.next;
    expect([next(1, true), next(1, false), next(2, true), next(3, true)]).toEqual(['2', null, '3', null]);
  });
});
