import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gadget, ParameterType, ParameterValue } from '../../domain/gadget.js';
import type { AnswerView, ContentModel } from '../../views/view-models.js';

/** What a view is shown with, and what that is called. */
export interface NamedModel {
  readonly name: string;
  readonly model: ContentModel;
}

/** A sample that cannot be read, and why. */
export interface UnreadSample {
  readonly file: string;
  readonly problem: string;
}

const SAMPLE = /^sample[a-z0-9-]*\.json$/;

/** Names of the samples in a gadget's folder. */
export const sampleNames = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => SAMPLE.test(name))
    .sort();

/** What a view gets where there is no sample. */
export const emptyModel = (gadget: Gadget): ContentModel => ({
  gadget,
  parameters: Object.fromEntries(
    gadget.parameters.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])),
  ),
  ...{ answers: {}, unknown: {}, missing: [] },
  connected: gadget.providers.map((provider) => ({
    ...{ provider, account: null, tells: false },
    name: provider.charAt(0).toUpperCase() + provider.slice(1),
    ...{ accountPage: null, site: 'https://example.com' },
  })),
  ...{ locale: 'en', timeZone: 'UTC', stale: false },
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a sample does not say is as usual: a launch gives each parameter its default too. */
const sampleModel = (gadget: Gadget, data: Readonly<Record<string, unknown>>): ContentModel => {
  const usual = emptyModel(gadget);
  const own = isRecord(data.parameters) ? (data.parameters as ContentModel['parameters']) : {};
  return { ...usual, ...data, parameters: { ...usual.parameters, ...own }, gadget };
};

/** The samples beside a gadget, each as its view gets it. */
export const readSamples = (
  gadget: Gadget,
  folder: string,
): { readonly models: readonly NamedModel[]; readonly unread: readonly UnreadSample[] } => {
  const models: NamedModel[] = [];
  const unread: UnreadSample[] = [];
  for (const name of sampleNames(folder)) {
    const file = join(folder, name);
    try {
      const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (!isRecord(data) || !isRecord(data.answers))
        unread.push({ file, problem: 'it has no record "answers"' });
      else models.push({ name, model: sampleModel(gadget, data) });
    } catch (error) {
      unread.push({ file, problem: error instanceof Error ? error.message : 'it cannot be read' });
    }
  }
  return { models, unread };
};

/** What a provider’s text could try: to begin an element, to end an attribute, to add one. */
export const HOSTILE = '"\'><oriel-hostile oriel-hostile=1 x=`\u202e{{ 7 * 7 }}';
const HOSTILE_LINK = 'javascript:orielHostile()';

type Change = (text: string) => string;

const changed = (value: unknown, change: Change): unknown => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, changed(each, change)]));
};

const hostileText: Change = (text) => (/^https?:/.test(text) ? HOSTILE_LINK : `${text}${HOSTILE}`);
const isAddress = (text: string): boolean => /^https?:|^[\d-]/.test(text);
const LONG = 400;
const longText: Change = (text) =>
  isAddress(text) ? text : `${text} `.repeat(Math.ceil(LONG / (text.length + 1)));

const withData = ({ model }: NamedModel, change: Change): ContentModel => ({
  ...model,
  answers: Object.fromEntries(
    Object.entries(model.answers).map(([name, answer]) => [
      name,
      { ...answer, data: changed(answer.data, change) as AnswerView['data'] },
    ]),
  ),
});

const without = (model: ContentModel, name: string): ContentModel => ({
  ...model,
  answers: Object.fromEntries(Object.entries(model.answers).filter(([each]) => each !== name)),
});

const hostileValue = (type: ParameterType): ParameterValue | null => {
  if (type.kind === 'text' || type.kind === 'conditions') return HOSTILE;
  return type.kind === 'list' && type.of.kind === 'text' ? [HOSTILE] : null;
};

const hostileParameters = (gadget: Gadget): ContentModel['parameters'] =>
  Object.fromEntries(
    gadget.parameters.flatMap(({ name, type }) => {
      const value = hostileValue(type);
      return value === null ? [] : [[name, value]];
    }),
  );

const ARABIC = 'تصدير التقرير الأسبوعي';
/** Names of states and the like decide what is shown; a text of several words is only read. */
const arabicText: Change = (text) =>
  isAddress(text) || !/\s/.test(text.trim()) ? text : `${ARABIC} ${text.length}`;

const withoutItems = (value: unknown): unknown => {
  if (Array.isArray(value)) return [];
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutItems(each)]));
};

/** A sample whose lists have no items. */
export const emptied = ({ model }: NamedModel): ContentModel => ({
  ...model,
  answers: Object.fromEntries(
    Object.entries(model.answers).map(([name, answer]) => [
      name,
      { ...answer, data: withoutItems(answer.data) as AnswerView['data'] },
    ]),
  ),
});

/** A sample with much longer texts. */
export const long = (sample: NamedModel): ContentModel => withData(sample, longText);

/** A sample with texts that are read from right to left. */
export const rightToLeft = (sample: NamedModel): ContentModel => ({
  ...withData(sample, arabicText),
  locale: 'ar',
});

/** A sample whose texts try what a text can. */
export const hostile = (gadget: Gadget, sample: NamedModel): ContentModel => ({
  ...withData(sample, hostileText),
  parameters: { ...sample.model.parameters, ...hostileParameters(gadget) },
});

/** Every state that a view has to stand: its samples, nothing at all, one answer missing, hostile and long texts, other locales. */
export const trialModels = (gadget: Gadget, samples: readonly NamedModel[]): readonly NamedModel[] => {
  const empty = emptyModel(gadget);
  const noData = Object.fromEntries(
    gadget.requests.map(({ name }) => [
      name,
      { data: null, fetchedAt: 0, stale: false, pages: 1, more: false } satisfies AnswerView,
    ]),
  );
  const [first] = samples;
  return [
    { name: 'no answer', model: empty },
    { name: 'empty answers', model: { ...empty, answers: noData } },
    ...samples,
    ...samples.map((sample) => ({
      name: `${sample.name} with hostile texts`,
      model: hostile(gadget, sample),
    })),
    ...(first === undefined
      ? []
      : [
          { name: `${first.name} with long texts`, model: long(first) },
          { name: `${first.name} from right to left`, model: rightToLeft(first) },
          ...Object.keys(first.model.answers).map((name) => ({
            name: `${first.name} without the answer "${name}"`,
            model: without(first.model, name),
          })),
        ]),
  ];
};

/** What of a hostile text came through as HTML; null where nothing did. */
export const leakIn = (html: string): string | null => {
  if (/<oriel-hostile/i.test(html)) return 'a text started an element';
  if (/(?:href|src|action)="\s*javascript:/i.test(html)) return 'a link leads to a script';
  const tags = html.match(/<[a-z][^<]*?>/gi) ?? [];
  const isOpen = tags.some((tag) => /oriel-hostile/.test(tag.replaceAll(/"[^"]*"|'[^']*'/g, '""')));
  return isOpen ? 'a text in an attribute without quotes became an attribute' : null;
};
