import type { Data } from '../../domain/data.js';
import type { BodyValue, Format, Gadget, Pages, RequestPlan, Template } from '../../domain/gadget.js';
import type { CatalogEntry } from '../../gadgets/load-gadgets.js';
import type { AnswerView, ContentModel } from '../../views/view-models.js';
import { readSamples } from '../workshop/sample-models.js';
import type { Canary } from './canaries.js';
import { movedDays } from './moved-days.js';

/**
 * Where canaries are put. `everywhere`: before every text, at the end of every address, and in place of numbers that only name something.
 * `in-prose`: within texts of several words alone, so that what views and requests compare and look for stays what it was.
 */
export const PLANTINGS = ['everywhere', 'in-prose'] as const;
export type Planting = (typeof PLANTINGS)[number];

/** A gadget with the samples that its provider's answers are made of. */
export interface SampledGadget {
  readonly gadget: Gadget;
  /** The plain `sample.json` first. */
  readonly samples: readonly ContentModel[];
}

/** The samples beside a gadget that have answers; files that cannot be read are left to `oriel gadget check`. */
export const sampledGadget = ({ gadget, folder }: CatalogEntry): SampledGadget => {
  const { models } = readSamples(gadget, folder);
  const isPlain = (name: string): boolean => name === 'sample.json';
  return {
    gadget,
    samples: models
      .toSorted((one, other) => Number(isPlain(other.name)) - Number(isPlain(one.name)))
      .map(({ model }) => model),
  };
};

/** A provider of a run: it plays one role of one gadget, so that what it is asked has come from there alone. */
export interface PlayedRole {
  /** The provider's id. */
  readonly id: string;
  readonly gadget: string;
  /** What the gadget's definition calls the provider. */
  readonly role: string;
  /** The further APIs that the gadget asks in this role, by the names of the provider's record, and the facts that it names. */
  readonly apis: readonly string[];
  readonly facts: readonly string[];
}

/** The length of a provider's id, at most. */
const LONGEST_ID = 63;

/** A provider for each role of each of these gadgets; ids are what people can read, and no two the same. */
export const playedRoles = (gadgets: readonly SampledGadget[]): readonly PlayedRole[] => {
  const taken = new Set<string>();
  return gadgets.flatMap(({ gadget }) =>
    gadget.providers.map((role) => {
      const written = `${gadget.id}-${role}`;
      const isFree = written.length <= LONGEST_ID && !taken.has(written);
      const id = isFree ? written : `played-${taken.size}-${written}`.slice(0, LONGEST_ID);
      taken.add(id);
      const asking = gadget.requests.filter(({ provider }) => provider === role);
      return {
        ...{ id, gadget: gadget.id, role },
        apis: [...new Set(asking.flatMap(({ api }) => api ?? []))],
        facts: [...new Set(asking.flatMap((request) => request.facts))],
      };
    }),
  );
};

/** What a stub provider was asked, as far as requests differ by it. */
export interface AskedFor {
  readonly provider: string;
  readonly method: string;
  /** Below the provider's `api`, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** A request of a gadget that could have asked for that, and the answer recorded for it. */
export interface RecordedAnswer {
  /** `gadget.request` */
  readonly name: string;
  readonly format: Format;
  readonly data: Data;
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a template can have become, and how many characters of it are fixed. */
const patternOf = (
  { parts }: Template,
  value: string,
  written: (text: string) => string = (text) => text,
): { readonly source: string; readonly fixed: number } => ({
  source: parts
    .map((part) => {
      if (part.kind === 'literal') return quoted(written(part.text));
      return part.before === '' ? value : `(?:${quoted(written(part.before))}${value})?`;
    })
    .join(''),
  fixed: parts.reduce((sum, part) => sum + (part.kind === 'literal' ? part.text.length : 0), 0),
});

/** How well a text fits: the fixed characters of the template, or null where it cannot have come from it. */
const fixedIn = (template: Template, text: string, value = '[\\s\\S]*?'): number | null => {
  const { source, fixed } = patternOf(template, value);
  return new RegExp(`^${source}$`, 'u').test(text) ? fixed : null;
};

const sumOf = (fits: readonly (number | null)[]): number | null =>
  fits.reduce((sum, each) => (sum === null || each === null ? null : sum + each), 0);

const pathFit = ({ path }: RequestPlan, asked: string): number | null => {
  const segments = path.segments.map((segment) => {
    const isDeep = segment.parts.some((part) => part.kind === 'value' && part.as === 'path');
    return patternOf(segment, isDeep ? '.+?' : '[^/]+?', encodeURI);
  });
  const source = segments.map((each) => each.source).join('/');
  return new RegExp(`^${source}$`, 'u').test(asked)
    ? segments.reduce((sum, { fixed }) => sum + fixed, 0)
    : null;
};

/** What a page after the first is asked for by. */
const sentForPages = (pages: Pages | null): string | null =>
  pages === null || !('send' in pages.step) ? null : pages.step.send;

const queryFit = ({ query, answer }: RequestPlan, asked: URLSearchParams): number | null => {
  const known = new Set([...query.map(({ name }) => name), sentForPages(answer.pages)]);
  if ([...asked.keys()].some((name) => !known.has(name))) return null;
  let sum = 0;
  for (const { name, template } of query) {
    const text = asked.get(name);
    const fixed = text === null ? null : fixedIn(template, text);
    const isFixed = template.parts.every(({ kind }) => kind === 'literal');
    if (fixed === null && (text !== null || isFixed) && name !== sentForPages(answer.pages)) return null;
    sum += (fixed ?? 0) + name.length;
  }
  return sum;
};

/** What a body was planned to hold, each with what was sent there. */
const partsOf = (
  planned: BodyValue & { readonly kind: 'list' | 'record' },
  sent: Readonly<Record<string, unknown>>,
): readonly (readonly [planned: BodyValue, sent: unknown])[] =>
  planned.kind === 'list'
    ? planned.items.map((item, index) => [item, sent[index]])
    : planned.entries.map(([name, value]) => [value, sent[name]]);

const bodyFit = (planned: BodyValue, sent: unknown): number | null => {
  switch (planned.kind) {
    case 'plain':
      return planned.value === sent ? String(sent).length : null;
    case 'text':
      return typeof sent === 'string' ? fixedIn(planned.template, sent) : 0;
    case 'value':
      return 0;
    default: {
      if (typeof sent !== 'object' || sent === null) return null;
      const fits = partsOf(planned, { ...sent }).map(([value, given]) =>
        given === undefined && value.kind !== 'plain' ? 0 : bodyFit(value, given),
      );
      return sumOf(fits);
    }
  }
};

const parsedBody = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** How well a request of a gadget fits what was asked of the provider in its role; null where it cannot have asked it. */
const requestFit = (request: RequestPlan, asked: AskedFor, role: string): number | null => {
  if (request.provider !== role || request.method !== asked.method) return null;
  const fits = [
    pathFit(request, asked.path),
    queryFit(request, asked.query),
    request.body === null ? 0 : bodyFit(request.body, parsedBody(asked.body)),
  ];
  return sumOf(fits);
};

/** What was kept of an answer, as the provider sent it: below `pick`, and of a request that is made for each item one item's. */
const whole = ({ answer: { pick }, inputs }: RequestPlan, data: Data, turn: number): Data | undefined => {
  const items = Array.isArray(data) ? data.filter((each) => each?.data !== null) : [];
  const kept: Data | undefined =
    inputs.each === null
      ? data
      : (items[turn % Math.max(1, items.length)] as { data?: Data } | undefined)?.data;
  if (kept === undefined || pick === null) return kept;
  return pick.split('.').reduceRight<Data>((inner, key) => ({ [key]: inner }), kept);
};

type Fields = { readonly [key: string]: Data };
const fieldsOf = (data: Data | undefined): Fields =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Fields) : {};

/** The same with another value at a path of keys joined by dots. */
const withAt = (data: Data, path: string, value: Data): Data => {
  if (path === '') return value;
  const [key = '', ...rest] = path.split('.');
  const fields = fieldsOf(data);
  return { ...fields, [key]: withAt(fields[key] ?? null, rest.join('.'), value) };
};

/** A sample has the items of all pages: the first page has them, and those after it none. */
const asPage = ({ answer: { pages } }: RequestPlan, data: Data, query: URLSearchParams): Data => {
  if (pages === null || !('first' in pages.step)) return data;
  const { send, first } = pages.step;
  const asked = query.get(send);
  return asked === null || asked === String(first) ? data : withAt(data, pages.items, []);
};

/** What was recorded of providers, found by what they are asked. */
export class RecordedAnswers {
  readonly #gadgets: readonly SampledGadget[];
  readonly #played: ReadonlyMap<string, PlayedRole>;

  /** A provider that is none of `played` is asked by every gadget that calls one by its id. */
  constructor(gadgets: readonly SampledGadget[], played: readonly PlayedRole[] = []) {
    this.#gadgets = gadgets;
    this.#played = new Map(played.map((each) => [each.id, each]));
  }

  /** The answer to that, of the sample whose turn it is, as of `now`; null where no gadget asks so, or no sample has it. */
  find(asked: AskedFor, turn: number, now: number): RecordedAnswer | null {
    const played = this.#played.get(asked.provider);
    const role = played?.role ?? asked.provider;
    const asking = this.#gadgets.filter(({ gadget }) => played === undefined || gadget.id === played.gadget);
    const candidates = asking.flatMap(({ gadget, samples }) =>
      gadget.requests.flatMap((request) => {
        const fits = requestFit(request, asked, role);
        return fits === null ? [] : [{ gadget, request, samples, fits }];
      }),
    );
    for (const { gadget, request, samples } of candidates.toSorted((one, other) => other.fits - one.fits)) {
      // Where this sample has no answer to it, another one of the gadget may.
      for (let ahead = 0; ahead < samples.length; ahead += 1) {
        const answer = samples[(turn + ahead) % samples.length]?.answers[request.name] as
          | AnswerView
          | undefined;
        const recorded = answer && whole(request, answer.data, turn);
        const data = answer && recorded && movedDays(recorded, answer.fetchedAt, now);
        if (data === undefined || data === null) continue;
        const { format } = request.answer;
        return { name: `${gadget.id}.${request.name}`, format, data: asPage(request, data, asked.query) };
      }
    }
    return null;
  }
}

const NUMERIC = /^-?\d+(?:[.,]\d+)?$/;
const DATE = /^\d{4}-\d\d(?:-\d\d)?(?:$|[T ]\d)|^[A-Z][a-z]{2}, \d/;
const WORD = /^(?:true|false|null|yes|no|#[0-9a-f]{3,8})$/i;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
const NAMING = /(?:^|[._-])(?:id|iid|number|counter|count|key|revision)$|Id$/;

/** Attributes of XML that say how to read it. */
const HOW_TO_READ = /^@(?:type|nil|rel|scheme|xmlns.*|.+:.+)$/;

const isMeant = (text: string): boolean =>
  text.trim() === '' || NUMERIC.test(text) || DATE.test(text) || WORD.test(text);

const inText = (text: string, canary: Canary, planting: Planting): string => {
  if (isMeant(text)) return text;
  if (planting === 'in-prose') return text.replace(/(?<=\S) (?=\S)/, ` ${canary.text} `);
  if (ADDRESS.test(text)) return text.includes('#') ? `${text}${canary.text}` : `${text}#${canary.text}`;
  return `${canary.text} ${text}`;
};

/** Data with a canary in every place that can hold one. */
export const planted = (data: Data, canary: Canary, planting: Planting, key = ''): Data => {
  if (Array.isArray(data)) return data.map((each: Data) => planted(each, canary, planting, key));
  if (typeof data === 'object' && data !== null)
    return Object.fromEntries(
      Object.entries(data).map(([name, value]) => [
        name,
        HOW_TO_READ.test(name) ? value : planted(value, canary, planting, name === '#text' ? key : name),
      ]),
    );
  const isNaming = planting === 'everywhere' && NAMING.test(key) && /^\d+$/.test(String(data));
  if (typeof data === 'number') return isNaming ? canary.number : data;
  if (typeof data !== 'string') return data;
  return isNaming ? String(canary.number) : inText(data, canary, planting);
};
