import type { Gadget, ParameterType, ParameterValue } from '../../domain/gadget.js';
import { readParameters } from '../../gadgets/parameters.js';
import type { Canaries } from './canaries.js';
import type { Findings } from './findings.js';
import type { Launching, PlayedViewer } from './played-viewer.js';

/** A value as a host's page writes it. */
export const parameterText = (value: ParameterValue): string =>
  typeof value === 'object' ? value.join(',') : String(value);

/** Other values of a type than this one, as texts; the first that the gadget takes is used. */
const otherValues = (type: ParameterType, now: string | undefined): readonly string[] => {
  switch (type.kind) {
    case 'boolean':
      return now === 'true' ? ['false'] : ['true'];
    case 'integer': {
      const number = Number(now ?? type.min);
      // The least first: of a number of rows it can be seen.
      return [type.min, number + 1, number - 1]
        .filter((each) => each >= type.min && each <= type.max)
        .map(String);
    }
    case 'choice':
      return type.values.filter((each) => each !== now);
    case 'date':
      return ['2026-03-01', '2026-04-01'].filter((each) => each !== now);
    case 'list': {
      const items = (now ?? '').split(',').filter((each) => each !== '');
      const fewer = items.length > 1 ? [items.slice(0, -1).join(',')] : [];
      return [...fewer, ...otherValues(type.of, items[0])];
    }
    case 'conditions':
      // A part of a query is left to the samples: what is one depends on the language.
      return [];
    default:
      return [`${now ?? 'any'}-2`, 'other'];
  }
};

/** The parameters with another value of one of them, such as another sample has; null where none is known. */
const withOther = (
  gadget: Gadget,
  name: string,
  base: Readonly<Record<string, string>>,
  samples: readonly Readonly<Record<string, string>>[],
): Readonly<Record<string, string>> | null => {
  const parameter = gadget.parameters.find((each) => each.name === name);
  if (parameter === undefined) return null;
  const now = base[name] ?? (parameter.default === null ? undefined : parameterText(parameter.default));
  const sampled = samples.flatMap((each) => each[name] ?? []);
  const without = parameter.required || !Object.hasOwn(base, name) ? [] : [''];
  for (const value of [...sampled, ...otherValues(parameter.type, now), ...without]) {
    if (value === now) continue;
    const changed = { ...base, [name]: value };
    try {
      readParameters(gadget, new Map(Object.entries(changed)), {});
      return changed;
    } catch {
      // Not a value that this gadget takes together with the others.
    }
  }
  return null;
};

/** A gadget and what its page says of it, of the sample whose turn it is and of all. */
export interface Probed {
  readonly gadget: Gadget;
  readonly base: Readonly<Record<string, string>>;
  readonly samples: readonly Readonly<Record<string, string>>[];
}

/** How the records of providers are changed: where they lead, and which edition they name. */
export interface RecordChange {
  readonly place?: string;
  readonly edition?: string;
}

/** Whether a gadget can be another by this: every one has a provider, and some know editions. */
const concerns = ({ edition }: RecordChange, { requests }: Gadget): boolean =>
  edition === undefined || requests.some(({ inputs }) => inputs.edition?.editions.includes(edition) ?? false);

const concerned = (change: RecordChange, probed: readonly Probed[]): readonly Probed[] =>
  probed.filter(({ gadget }) => concerns(change, gadget));

/** What the probes need of a run. */
export interface ProbeDeps {
  readonly canaries: Pick<Canaries, 'anonymous'>;
  readonly findings: Findings;
  readonly hosts: readonly [string, string];
  readonly clock: { hold(): void; release(): void };
  /** Connects a viewer to what these gadgets ask, as far as they are not connected. */
  connect(host: string, sub: string, gadgets: ReadonlySet<string>): Promise<void>;
  /** A viewer who was connected. The same names give the same one. */
  viewer(host: string, sub: string): PlayedViewer;
  /** Editions of APIs that gadgets know. */
  readonly editions: readonly string[];
  /** Serves by providers' records that were changed so; by the usual ones again where nothing is given. */
  change(change: RecordChange): Promise<void>;
}

/** What each gadget's answer depends on, and whether a change could be seen. */
export type ProbedInputs = ReadonlyMap<
  string,
  readonly { readonly input: string; readonly isVisible: boolean }[]
>;

const USUAL = { locale: 'en-GB', timeZone: 'Europe/Berlin' } as const;
const SUBJECT = 'the subject';
/** Who asks for the first time; someone else for each change. */
const controlOf = (index: number): string => `control ${index}`;

/**
 * Classes may be made of a text, as a color is of a name, and the text has a canary. The address of a picture is made for one Connection: it
 * opens nothing for anyone else.
 */
const LOOKS_ALONE = /\s(?:class|data-oriel-image)="[^"]*"/g;

/** What was shown, and the same without what tells viewers apart. */
interface Look {
  readonly written: string;
  readonly anonymous: string;
}

const NOTHING: Look = { written: '', anonymous: '' };

interface Flip {
  readonly input: string;
  readonly launching: Launching;
  /** What the viewer chooses in the gadget after it was opened. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly subject: { readonly host: number; readonly sub: string };
}

const flipsOf = ({ gadget, base, samples }: Probed): readonly Flip[] => {
  const usual = { gadget: gadget.id, parameters: base, ...USUAL };
  const subject = { host: 0, sub: SUBJECT };
  const ofParameters = gadget.parameters.flatMap(({ name }): readonly Flip[] => {
    const parameters = withOther(gadget, name, base, samples);
    return parameters === null
      ? []
      : [{ input: `parameter ${name}`, launching: { ...usual, parameters }, subject }];
  });
  const ofChoices = ofParameters.flatMap(({ launching: { parameters } }): readonly Flip[] =>
    gadget.parameters
      .filter(({ name, viewer }) => viewer !== null && parameters[name] !== base[name])
      .map(({ name }) => ({
        ...{ input: `choice of ${name}`, launching: usual, subject },
        choices: { [name]: parameters[name] ?? '' },
      })),
  );
  return [
    { input: 'viewer', launching: usual, subject: { host: 0, sub: 'another subject' } },
    { input: 'host', launching: usual, subject: { host: 1, sub: SUBJECT } },
    ...ofParameters,
    ...ofChoices,
    { input: 'locale', launching: { ...usual, locale: 'de' }, subject },
    { input: 'time zone', launching: { ...usual, timeZone: 'Asia/Tokyo' }, subject },
  ];
};

/**
 * Changes one thing at a time that an answer depends on, before a viewer whose earlier answers are remembered, and compares what comes with
 * what a viewer is shown who asks for the first time: where they differ by more than whose data it is, something was remembered under a
 * key that lacks what was changed.
 */
class KeyProbes {
  readonly #deps: ProbeDeps;
  readonly #inputs = new Map<string, { readonly input: string; readonly isVisible: boolean }[]>();

  constructor(deps: ProbeDeps) {
    this.#deps = deps;
  }

  async run(probed: readonly Probed[]): Promise<ProbedInputs> {
    const { clock } = this.#deps;
    // What says the time must not make a difference.
    clock.hold();
    try {
      await this.#connectAll(probed);
      for (const each of probed) await this.#probe(each);
      await this.#probeRecords(probed);
    } finally {
      clock.release();
    }
    return this.#inputs;
  }

  /** First of all: a consent in between could let something be forgotten that is to be found. Each only to what they will look at. */
  async #connectAll(probed: readonly Probed[]): Promise<void> {
    const { hosts } = this.#deps;
    const looks = new Map<
      string,
      { readonly host: number; readonly sub: string; readonly at: Set<string> }
    >();
    const add = (host: number, sub: string, { id }: Gadget): void => {
      const key = JSON.stringify([host, sub]);
      const known = looks.get(key) ?? { host, sub, at: new Set<string>() };
      looks.set(key, known);
      known.at.add(id);
    };
    for (const each of probed) {
      add(0, SUBJECT, each.gadget);
      for (const [index, { subject }] of flipsOf(each).entries()) {
        add(subject.host, subject.sub, each.gadget);
        add(subject.host, controlOf(index), each.gadget);
      }
    }
    for (const { change, control } of this.#changes())
      for (const { gadget } of concerned(change, probed)) add(0, control, gadget);
    for (const { host, sub, at } of looks.values())
      await this.#deps.connect(hosts[host] ?? hosts[0], sub, at);
  }

  async #probe(probed: Probed): Promise<void> {
    const { gadget } = probed;
    const [usual] = flipsOf({ ...probed, gadget: { ...gadget, parameters: [] } });
    if (usual === undefined) return;
    const before = await this.#look({ host: 0, sub: SUBJECT }, usual.launching);
    for (const [index, { input, launching, choices, subject }] of flipsOf(probed).entries()) {
      const after = await this.#look(subject, launching, choices);
      const control = { host: subject.host, sub: controlOf(index) };
      this.#compare(gadget, input, after, await this.#look(control, launching, choices));
      const isPerson = input === 'viewer' || input === 'host';
      this.#note(
        gadget,
        input,
        isPerson ? after.written !== before.written : after.anonymous !== before.anonymous,
      );
    }
    const again = await this.#look({ host: 0, sub: SUBJECT }, usual.launching);
    this.#compare(gadget, 'change back to what was there first', again, before);
  }

  /** Of all gadgets at once that a change concerns, since it is the server's configuration that changes. */
  async #probeRecords(probed: readonly Probed[]): Promise<void> {
    const before = await this.#lookAtAll(probed, SUBJECT);
    for (const { input, change, control } of this.#changes()) {
      const others = concerned(change, probed);
      if (others.length === 0) continue;
      await this.#deps.change(change);
      const after = await this.#lookAtAll(others, SUBJECT);
      const fresh = await this.#lookAtAll(others, control);
      await this.#deps.change({});
      for (const { gadget } of others) {
        const [was, is, wanted] = [before, after, fresh].map((looks) => looks.get(gadget.id) ?? NOTHING);
        this.#compare(gadget, input, is ?? NOTHING, wanted ?? NOTHING);
        this.#note(gadget, input, was?.anonymous !== is?.anonymous);
      }
    }
  }

  #changes(): readonly { readonly input: string; readonly change: RecordChange; readonly control: string }[] {
    const ofEditions = this.#deps.editions.map((edition) => ({
      input: `edition ${edition}`,
      change: { edition },
    }));
    return [{ input: 'provider record', change: { place: 'elsewhere' } }, ...ofEditions].map((each) => ({
      ...each,
      control: `control of ${each.input}`,
    }));
  }

  async #lookAtAll(probed: readonly Probed[], sub: string): Promise<ReadonlyMap<string, Look>> {
    const seen = new Map<string, Look>();
    for (const { gadget, base } of probed) {
      const launching = { gadget: gadget.id, parameters: base, ...USUAL };
      seen.set(gadget.id, await this.#look({ host: 0, sub }, launching));
    }
    return seen;
  }

  /** What a viewer is shown at the launch, or by the frame's first request where the launch shows nothing yet; or what is shown once they have chosen. */
  async #look(
    who: { readonly host: number; readonly sub: string },
    launching: Launching,
    choices?: Readonly<Record<string, string>>,
  ): Promise<Look> {
    const { canaries, hosts } = this.#deps;
    const viewer = this.#deps.viewer(hosts[who.host] ?? hosts[0], who.sub);
    const frame = await viewer.launch(launching);
    const choose = (chosen: Readonly<Record<string, string | null>>) =>
      viewer.call(frame, '/frame/choices', { choices: chosen });
    if (choices !== undefined) await choose(choices);
    const { text } = await viewer.content(frame);
    const first = choices === undefined && frame.launched !== '' ? frame.launched : text;
    // What was chosen is kept for later launches.
    if (choices !== undefined)
      await choose(Object.fromEntries(Object.keys(choices).map((name) => [name, null])));
    const written = `${first.trim()}\n${text.trim()}`;
    return { written, anonymous: canaries.anonymous(written.replaceAll(LOOKS_ALONE, '')) };
  }

  #compare({ id }: Gadget, input: string, shown: Look, wanted: Look): void {
    if (shown.anonymous === wanted.anonymous) return;
    this.#deps.findings.add({
      check: 'key-incomplete',
      gadget: id,
      what: `The answer did not follow the ${input}: a viewer whose earlier answer was remembered was shown something else than one who asks for the first time.`,
    });
  }

  #note({ id }: Gadget, input: string, isVisible: boolean): void {
    this.#inputs.set(id, [...(this.#inputs.get(id) ?? []), { input, isVisible }]);
  }
}

/** Probes what answers of these gadgets depend on; what does not follow is a finding. */
export const probeKeys = (deps: ProbeDeps, probed: readonly Probed[]): Promise<ProbedInputs> =>
  new KeyProbes(deps).run(probed);
