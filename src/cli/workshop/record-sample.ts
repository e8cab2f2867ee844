import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gadgetReading } from '../../config/gadget-reading.js';
import { readGadget } from '../../gadgets/load-gadgets.js';
import { readParameters } from '../../gadgets/parameters.js';
import type { RenderResult } from '../../render/render-result.js';
import type { ContentModel } from '../../views/view-models.js';
import { faultText, located } from './locate-fault.js';
import { asMyself, type OwnAccount } from './own-account.js';
import { PeopleReplacer, type Replaced } from './replace-people.js';
import { readSamples } from './sample-models.js';

/** Options of `oriel gadget record`. */
export interface RecordOptions {
  readonly file: string;
  readonly root: string;
  /** Whose accounts are used; null asks. */
  readonly name: string | null;
  /** Name of the sample, without `.json`. */
  readonly sample: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly overwrite: boolean;
  readonly keepTexts: boolean;
}

/** What was recorded. */
export interface Recorded {
  readonly file: string;
  readonly requests: readonly string[];
  readonly replaced: Replaced;
}

const SAMPLE = /^sample(?:-[a-z0-9-]+)?$/;

const whyNot = ({ state, model }: RenderResult, me: OwnAccount): string => {
  if (!('obstacle' in model)) return '';
  const { provider } = model.obstacle;
  if (state === 'connect' || state === 'reconnect')
    return `${me.name} has not connected ${provider}, or has to connect it again${me.connectPage(provider) === null ? '' : `: ${me.connectPage(provider)}`}.`;
  const detail =
    'detail' in model.obstacle && model.obstacle.detail !== null ? ` It says: ${model.obstacle.detail}` : '';
  return `${provider} answered with the state “${state}”, which is no sample.${detail}`;
};

/** What a view was given, as a sample that is safe to commit. Throws where something of a person would be left. */
export const toSample = (
  {
    parameters,
    answers,
    unknown,
    missing,
    connected,
    locale,
    timeZone,
  }: Omit<ContentModel, 'gadget' | 'stale'>,
  keepTexts: boolean,
): { readonly text: string; readonly replaced: Replaced } => {
  const replacer = new PeopleReplacer(keepTexts);
  const data = replacer.replace({
    answers: Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [name, { ...answer, stale: false }]),
    ),
    parameters,
    unknown,
    connected: connected.map(({ account, ...rest }) => ({
      ...rest,
      account: account === null ? null : { id: 'account', label: 'Someone Else' },
    })),
  });
  const text = `${JSON.stringify({ ...data, missing, locale, timeZone, stale: false }, null, 2)}\n`;
  const left = replacer.leftIn(text);
  // Nothing is written that cannot be proven to be clean; what was found stays here.
  if (left !== null)
    throw new Error(
      'Something of a person or a server would be left in the sample, so it was not written. Leave the request out that answers with it, or write the sample by hand.',
    );
  return { text, replaced: replacer.replaced };
};

const soundGadget = async (folder: string) => {
  const { gadget, faults } = await readGadget(basename(folder), folder, gadgetReading);
  if (gadget !== null && faults.length === 0) return gadget;
  const said = faults.map((fault) => faultText(located(fault), process.cwd())).join('\n\n');
  throw new Error(`The gadget has mistakes:\n${said}`);
};

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Asks the providers as oneself, and writes the answers as a sample without people and secrets. Throws a sentence where it cannot. */
export const recordSample = async (given: string, options: RecordOptions): Promise<Recorded> => {
  const folder = resolve(given);
  const { sample, overwrite, keepTexts, parameters: set } = options;
  if (!SAMPLE.test(sample))
    throw new Error(`A sample is called sample, or sample-… in lower case, not “${sample}”.`);
  const file = join(folder, `${sample}.json`);
  if (existsSync(file) && !overwrite)
    throw new Error(
      `The file ${file} already exists. Use --overwrite to replace it, or --sample for another name.`,
    );
  const gadget = await soundGadget(folder);
  const [first] = readSamples(gadget, folder).models;
  const before = Object.entries(first?.model.parameters ?? {}).map(
    ([name, value]) => [name, textOf(value)] as const,
  );
  const parameters = readParameters(gadget, new Map([...before, ...Object.entries(set)]), {});
  return asMyself(options, async (me) => {
    const result = await me.show({ gadget, parameters, locale: 'en', timeZone: 'UTC' });
    if (result.state !== 'content') throw new Error(whyNot(result, me));
    const { text, replaced } = toSample({ ...result.model, parameters } as ContentModel, keepTexts);
    writeFileSync(file, text);
    return { file, requests: Object.keys(result.data), replaced };
  });
};
