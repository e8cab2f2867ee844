import type { Gadget, ParameterValues } from '../../domain/gadget.js';
import type { Obstacle } from '../../domain/rendering.js';
import { controlsOf } from '../../gadgets/viewer-choices.js';
import type { AnswerView, ContentModel, ControlView, StateModel } from '../../views/view-models.js';
import { emptied, emptyModel, hostile, long, type NamedModel, rightToLeft } from './sample-models.js';

/** What a gadget can look like, under a name that stays. */
export interface GadgetState {
  readonly name: string;
  readonly title: string;
  /** Where it comes from: a sample, or what was made of one. */
  readonly about: string;
  readonly shown:
    | { readonly kind: 'content'; readonly model: ContentModel }
    | { readonly kind: 'obstacle'; readonly model: StateModel };
}

/** What a gadget is shown with, as far as its controls depend on it. */
interface Shown {
  readonly parameters: ParameterValues;
  readonly locale: string;
  /** Where something is in the way there are none. */
  readonly answers?: Readonly<Record<string, Pick<AnswerView, 'more'>>>;
}

/** The controls that viewers have where the host locks nothing; those of `chosen` were set by the viewer. */
export const shownControls = (
  gadget: Gadget,
  { parameters, locale, answers = {} }: Shown,
  chosen: readonly string[] = [],
): readonly ControlView[] => {
  const changeable = gadget.parameters
    .filter(({ viewer }) => viewer !== null)
    .map(({ name }) => ({ name, isChosen: chosen.includes(name) }));
  return controlsOf({ gadget, parameters, changeable, locale }, (request) => answers[request]?.more === true);
};

const FIRST = 'sample.json';

const titleOf = (name: string): string => {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const nameOf = (file: string): string =>
  file === FIRST ? 'content' : file.replace(/^sample-?/, '').replace(/\.json$/, '');

const contentState = (name: string, about: string, model: ContentModel): GadgetState => ({
  ...{ name, title: titleOf(name), about },
  shown: { kind: 'content', model },
});

/** The samples, and in the place of those that are not there what can be made of the first one. */
const contentStates = (gadget: Gadget, samples: readonly NamedModel[]): readonly GadgetState[] => {
  const first = samples.find(({ name }) => name === FIRST) ?? samples[0];
  const own = samples.map(({ name, model }) =>
    contentState(name === first?.name ? 'content' : nameOf(name), name, model),
  );
  if (first === undefined)
    return [contentState('content', 'no sample: without any answer', emptyModel(gadget))];
  const made = [
    contentState('empty', `made of ${first.name}: every list without items`, emptied(first)),
    contentState('long', `made of ${first.name}: long texts`, long(first)),
    contentState('right-to-left', `made of ${first.name}: Arabic texts`, rightToLeft(first)),
    contentState('hostile', `made of ${first.name}: what a text could try`, hostile(gadget, first)),
  ].filter(({ name }) => !own.some((each) => each.name === name));
  const order = ['content', 'empty', 'long', 'right-to-left', 'hostile'];
  const rank = ({ name }: GadgetState): number =>
    (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return [...own, ...made].toSorted((one, other) => rank(one) - rank(other));
};

const staleState = ({ model }: NamedModel): GadgetState =>
  contentState('stale', 'the provider can’t be asked, and an earlier answer is shown', {
    ...model,
    stale: true,
    answers: Object.fromEntries(
      Object.entries(model.answers).map(([name, answer]) => [name, { ...answer, stale: true }]),
    ),
  });

/** What is missing where the first optional request fails for want of a Connection; null where every request is required. */
const missingState = (gadget: Gadget, { model }: NamedModel, nameOf: Naming): GadgetState | null => {
  const optional = gadget.requests.find(({ required }) => !required);
  if (optional === undefined) return null;
  const { provider } = optional;
  const lost = new Set(
    gadget.requests.filter((each) => each.provider === provider && !each.required).map(({ name }) => name),
  );
  return contentState('one-missing', `without what ${nameOf(provider)} answers`, {
    ...model,
    answers: Object.fromEntries(Object.entries(model.answers).filter(([name]) => !lost.has(name))),
    missing: [{ state: 'connect', provider, name: nameOf(provider) }],
    connected: model.connected.filter((each) => each.provider !== provider),
  });
};

type Naming = (provider: string) => string;

const obstaclesOf = (provider: string): readonly Obstacle[] => [
  { state: 'connect', provider },
  { state: 'reconnect', provider, reason: 'expired' },
  { state: 'no-access', provider, detail: 'You are not a member of this project.' },
  { state: 'not-found', provider, detail: null },
  { state: 'rate-limited', provider, retryAfter: 90 },
  { state: 'provider-down', provider, reason: 'timeout' },
  { state: 'misconfigured', provider, code: 'status-400', detail: 'No property is called “Satus”.' },
];

const WORDS: Readonly<Record<Obstacle['state'], string>> = {
  connect: 'nothing is connected yet',
  reconnect: 'the connection has expired',
  'no-access': 'the provider says no',
  'not-found': 'the provider does not have it',
  'rate-limited': 'too many requests',
  'provider-down': 'the provider can’t be reached',
  misconfigured: 'the request is wrong, or its answer unreadable',
};

const obstacleStates = (gadget: Gadget, nameOf: Naming): readonly GadgetState[] => {
  const [provider] = gadget.providers;
  if (provider === undefined) return [];
  return obstaclesOf(provider).map((obstacle) => ({
    ...{ name: obstacle.state, title: titleOf(obstacle.state), about: WORDS[obstacle.state] },
    shown: {
      kind: 'obstacle',
      model: {
        ...{ gadget, obstacle, providerName: nameOf(provider), accountPage: null, locale: 'en' },
        connected: obstacle.state !== 'connect',
      },
    },
  }));
};

/** Every state that a gadget can be in: with its samples, and where something is in the way. */
export const statesOf = (gadget: Gadget, samples: readonly NamedModel[]): readonly GadgetState[] => {
  const first = samples.find(({ name }) => name === FIRST) ?? samples[0];
  const named = first?.model.connected ?? [];
  const naming: Naming = (id) => named.find(({ provider }) => provider === id)?.name ?? titleOf(id);
  const missing = first === undefined ? null : missingState(gadget, first, naming);
  return [
    ...contentStates(gadget, samples),
    ...(first === undefined ? [] : [staleState(first)]),
    ...(missing === null ? [] : [missing]),
    ...obstacleStates(gadget, naming),
  ];
};
