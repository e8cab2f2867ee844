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

const emptyModel = (gadget: Gadget): ContentModel => ({
  gadget,
  parameters: Object.fromEntries(
    gadget.parameters.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])),
  ),
  ...{ answers: {}, unknown: {}, missing: [] },
  connected: gadget.providers.map((provider) => ({
    ...{ provider, name: provider, account: null, tells: false },
    ...{ accountPage: null, site: 'https://example.com' },
  })),
  ...{ locale: 'en', timeZone: 'UTC', stale: false },
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
      else models.push({ name, model: { ...emptyModel(gadget), ...data, gadget } });
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
const LONG = 400;
const longText: Change = (text) =>
  /^https?:|^[\d-]/.test(text) ? text : `${text} `.repeat(LONG / (text.length + 1));

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
      model: {
        ...withData(sample, hostileText),
        parameters: { ...sample.model.parameters, ...hostileParameters(gadget) },
      },
    })),
    ...(first === undefined
      ? []
      : [
          { name: `${first.name} with long texts`, model: withData(first, longText) },
          { name: `${first.name} from right to left`, model: { ...first.model, locale: 'ar' } },
          ...Object.keys(first.model.answers).map((name) => ({
            name: `${first.name} without the answer "${name}"`,
            model: without(first.model, name),
          })),
        ]),
  ];
};

/** What of a hostile text came through as HTML; null where nothing did. */
export const leakIn = (html: string): string | null => {
  if (/<oriel-hostile/i.test(html)) return 'a text began an element';
  if (/(?:href|src|action)="\s*javascript:/i.test(html)) return 'a link leads to a script';
  const tags = html.match(/<[a-z][^<]*?>/gi) ?? [];
  const isOpen = tags.some((tag) => /oriel-hostile/.test(tag.replaceAll(/"[^"]*"|'[^']*'/g, '""')));
  return isOpen ? 'a text in an attribute without quotes became an attribute' : null;
};
