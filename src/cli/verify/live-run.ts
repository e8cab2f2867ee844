import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { parseYaml } from '../../config/yaml-source.js';
import type { Gadget } from '../../domain/gadget.js';
import { viewerOf } from '../../domain/viewer.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { type Host, mayShow } from '../../hosts/host.js';
import type { CommandContext } from '../../server/command-context.js';
import { Canaries, SeededRandom } from './canaries.js';
import { type Check, Findings, type Verdict } from './findings.js';
import { Inspector } from './inspector.js';
import { parameterText } from './key-probes.js';
import {
  type HostSigningKey,
  type OpenFrame,
  type PlayedPerson,
  PlayedViewer,
  viewerName,
} from './played-viewer.js';

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);

const fileSchema = z.strictObject({
  people: z.record(
    z.string(),
    z.strictObject({ host: z.string(), sub: z.string(), key: z.string().exactOptional() }),
  ),
  gadgets: z.record(z.string(), z.record(z.string(), value)).exactOptional(),
});

/** Who looks at what, as the file of a live run says it. */
interface LiveFile {
  readonly people: ReadonlyMap<string, PlayedPerson & { readonly keyFile: string | null }>;
  /** Parameters of gadgets, as texts. */
  readonly gadgets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Reads the file of a live run. Throws a sentence that says what is wrong with it. */
const readLiveFile = (file: string): LiveFile => {
  const parsed = parseYaml(readFileSync(file, 'utf8'));
  if (!('source' in parsed)) throw new Error(`${file} is no YAML: ${parsed.problems[0]?.problem}.`);
  const read = fileSchema.safeParse(parsed.source.data);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const { people, gadgets = {} } = read.data;
  return {
    people: new Map(
      Object.entries(people).map(([name, { host, sub, key }]) => [
        name,
        { host, sub, keyFile: key === undefined ? null : resolve(dirname(file), key) },
      ]),
    ),
    gadgets: Object.fromEntries(
      Object.entries(gadgets).map(([gadget, values]) => [
        gadget,
        Object.fromEntries(
          Object.entries(values).map(([name, each]) => [name, parameterText(each as string)]),
        ),
      ]),
    ),
  };
};

/** What a host's tokens are signed with: its shared secret, which the configuration has, or its own private key. */
const signingKeyOf = (host: Host, keyFile: string | null): HostSigningKey => {
  if (host.key.kind === 'secret') return { algorithm: 'HS256', secret: host.key.secret.reveal() };
  if (keyFile === null)
    throw new Error(
      `The host ${host.id} signs with a key of its own: give its private key as “key” of its people.`,
    );
  const algorithm = host.key.algorithms.find((each) => each !== 'HS256');
  if (algorithm === undefined)
    throw new Error(`The host ${host.id} names no algorithm that a key signs with.`);
  return { algorithm, key: createPrivateKey(readFileSync(keyFile)) };
};

/** How a live run is made. */
export interface LiveOptions {
  readonly file: string;
  /** Names of people in the file; null for all. */
  readonly as: readonly string[] | null;
  readonly only: ReadonlySet<string> | null;
  readonly seed: number;
  readonly logs: readonly string[];
}

/** Rounds in which everyone looks at everything. */
const ROUNDS = 5;
/** Answers older than this are asked for again whatever a gadget says, s. */
const LONGEST_WAIT = 60;
/** Shorter texts are the same by chance, in characters. */
const SHORTEST = 8;

const TEXTS = />([^<]+)<|\s(?:href|title|alt)="([^"]+)"/g;

/** What a person can read or follow in a fragment. */
const textsIn = (html: string): ReadonlySet<string> =>
  new Set(
    [...html.matchAll(TEXTS)]
      .map(([, text, attribute]) => (text ?? attribute ?? '').replaceAll(/\s+/g, ' ').trim())
      .filter((text) => text.length >= SHORTEST),
  );

/** Someone who looks. */
interface Person {
  readonly name: string;
  readonly host: Host;
  readonly viewer: PlayedViewer;
}

/** A frame that someone opened, and the ETag of what it shows. */
interface Seen {
  readonly person: Person;
  readonly frame: OpenFrame;
  readonly etag: string | null;
}

/** A gadget that everyone looks at. */
interface Looked {
  readonly gadget: Gadget;
  readonly parameters: Readonly<Record<string, string>>;
}

const launchingOf = ({ gadget, parameters }: Looked) => ({
  ...{ gadget: gadget.id, parameters, locale: 'en', timeZone: 'UTC' },
});

/** One live run: everyone looks alone first, and then all at the same time. */
class LiveRun {
  readonly #people: readonly Person[];
  readonly #findings: Findings;
  readonly #random: SeededRandom;
  /** Texts that one person alone saw, by gadget and person. */
  readonly #own = new Map<string, ReadonlySet<string>>();
  readonly #shown = new Map<string, number>();
  readonly #states = new Map<string, Set<string>>();

  constructor(people: readonly Person[], findings: Findings, random: SeededRandom) {
    this.#people = people;
    this.#findings = findings;
    this.#random = random;
  }

  shownOf(gadget: string): number {
    return this.#shown.get(gadget) ?? 0;
  }

  statesOf(gadget: string): readonly string[] {
    return [...(this.#states.get(gadget) ?? [])].sort();
  }

  /** Texts of which everyone but one person must see nothing. */
  get ownTexts(): readonly string[] {
    return [...this.#own.values()].flatMap((texts) => [...texts]);
  }

  /** What each person alone sees: what they saw both times, and no one else at any time. */
  async learn(looked: readonly Looked[]): Promise<readonly Looked[]> {
    const first = await this.#lookAlone(looked, this.#people);
    const ttl = Math.max(0, ...looked.flatMap(({ gadget }) => gadget.requests.map((each) => each.ttl)));
    // What comes to be seen by several in between is no one's alone.
    await pause((Math.min(ttl, LONGEST_WAIT) + 1) * 1000);
    const again = await this.#lookAlone(looked, [...this.#people].reverse());
    return looked.filter(({ gadget }) => this.#learnOf(gadget, [first, again]));
  }

  /** Everyone looks at everything at the same time, again and again. */
  async mix(looked: readonly Looked[]): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const steps = this.#people.flatMap((person) => looked.map((each) => ({ person, each })));
      await Promise.all(
        this.#random.shuffled(steps).map(async ({ person, each }) => {
          const { frame, text } = await this.#look(person, each);
          this.#judge(person, each.gadget, text);
          const again = await person.viewer.content(frame);
          this.#judge(person, each.gadget, again.text);
        }),
      );
    }
  }

  /** What stands for one person’s bytes must not tell another that nothing has changed. */
  async compareEtags(looked: readonly Looked[]): Promise<void> {
    for (const each of looked) {
      const seen: Seen[] = [];
      for (const person of this.#people) seen.push({ person, ...(await this.#look(person, each)) });
      const pairs = seen.flatMap((one) => seen.map((other) => [one, other] as const));
      for (const [one, other] of pairs) await this.#compareEtag(each.gadget, one, other);
    }
  }

  async #compareEtag(gadget: Gadget, one: Seen, other: Seen): Promise<void> {
    // What two people see alike has one ETag.
    if (other.etag === null || other.etag === one.etag) return;
    const { status } = await one.person.viewer.content(one.frame, other.etag);
    if (status !== 304) return;
    const what = `${one.person.name} was answered “nothing has changed” for an ETag of ${other.person.name}.`;
    this.#report('etag-shared', gadget, what);
  }

  async #lookAlone(
    looked: readonly Looked[],
    people: readonly Person[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const seen = new Map<string, ReadonlySet<string>>();
    for (const person of people)
      for (const each of looked) {
        const { frame, text, state } = await this.#look(person, each);
        // A launch is a POST with a token that works once: less likely than anything else to come from someone's memory.
        seen.set(`${each.gadget.id} ${person.name}`, textsIn(frame.launched || text));
        this.#states.set(each.gadget.id, (this.#states.get(each.gadget.id) ?? new Set()).add(state));
        if (state !== 'content')
          this.#report('nothing-shown', each.gadget, `${person.name} sees “${state}” in place of data.`);
      }
    return seen;
  }

  #learnOf(gadget: Gadget, times: readonly ReadonlyMap<string, ReadonlySet<string>>[]): boolean {
    const of = (person: Person, time: ReadonlyMap<string, ReadonlySet<string>>) =>
      time.get(`${gadget.id} ${person.name}`) ?? new Set<string>();
    let isDistinct = false;
    for (const person of this.#people) {
      const others = this.#people.filter((other) => other !== person);
      const theirs = new Set(others.flatMap((other) => times.flatMap((time) => [...of(other, time)])));
      const [first = new Set<string>(), again = new Set<string>()] = times.map((time) => of(person, time));
      const own = new Set([...first].filter((text) => again.has(text) && !theirs.has(text)));
      this.#own.set(`${gadget.id} ${person.name}`, own);
      isDistinct ||= own.size > 0;
    }
    if (!isDistinct)
      this.#report(
        'nothing-shown',
        gadget,
        'Everyone sees the same, so nothing is proven of it: choose people with different rights, or other parameters.',
      );
    return isDistinct;
  }

  async #look(person: Person, each: Looked) {
    const frame = await person.viewer.launch(launchingOf(each));
    const { headers, text } = await person.viewer.content(frame);
    const state = headers.get('x-oriel-state') ?? 'none';
    return { frame, state, etag: headers.get('etag'), text: `${frame.launched}\n${text}` };
  }

  #judge(person: Person, gadget: Gadget, html: string): void {
    const texts = textsIn(html);
    for (const other of this.#people) {
      const own = this.#own.get(`${gadget.id} ${other.name}`) ?? new Set();
      const found = [...own].filter((text) => texts.has(text)).length;
      if (found === 0) continue;
      if (other === person) this.#shown.set(gadget.id, this.shownOf(gadget.id) + 1);
      else
        this.#report(
          'shown-to-another',
          gadget,
          `${person.name} was sent what ${other.name} alone had seen before. If ${person.name} was given the right to see it during the run, run it again.`,
        );
    }
  }

  #report(check: Check, { id }: Gadget, what: string): void {
    this.#findings.add({ check, gadget: id, what });
  }
}

/** The gadgets that all of these people can look at; why others are left out goes to `notes`. */
const lookedAt = (
  { deps }: CommandContext,
  people: readonly Person[],
  { gadgets: parameters }: LiveFile,
  only: ReadonlySet<string> | null,
  notes: string[],
): readonly Looked[] => {
  const [first] = people;
  if (first === undefined) return [];
  return first.host.gadgets.flatMap((name): readonly Looked[] => {
    const gadget = gadgetNamed(deps.directory, first.host, name);
    if (gadget === undefined || (only !== null && !only.has(name))) return [];
    if (!people.every(({ host }) => mayShow(host, name))) {
      notes.push(`${name} was left out: not every one of these hosts may show it.`);
      return [];
    }
    const given = parameters[name] ?? {};
    const lacking = gadget.parameters.find(
      (each) => each.required && each.default === null && !Object.hasOwn(given, each.name),
    );
    if (lacking === undefined) return [{ gadget, parameters: given }];
    notes.push(`${name} was left out: it needs the parameter ${lacking.name}, which the file does not give.`);
    return [];
  });
};

/** Whether everyone is connected to what the gadgets need; who is not is a finding. */
const requireConnected = async (
  { deps }: CommandContext,
  people: readonly Person[],
  looked: readonly Looked[],
  findings: Findings,
): Promise<void> => {
  for (const { gadget } of looked)
    for (const { name, viewer } of people)
      for (const provider of gadget.providers) {
        const found = await deps.stores.connections.find(
          viewerOf(viewer.person.host, viewer.person.sub),
          provider,
        );
        if (found === null)
          findings.add({
            check: 'nothing-shown',
            gadget: gadget.id,
            what: `${name} is not connected to ${provider}: let them connect once, in a page of the host.`,
          });
      }
};

const searchLogs = (logs: readonly string[], own: readonly string[], findings: Findings): void => {
  for (const file of logs) {
    const text = readFileSync(file, 'utf8');
    if (own.some((each) => text.includes(each)))
      findings.add({
        check: 'logged',
        gadget: null,
        what: `${file} has texts that one person alone may see.`,
      });
  }
};

/**
 * Looks at the gadgets of running servers as several people, who have connected before. What one person alone sees must not be in what another
 * is sent. Nothing is connected, ended or changed: each launch makes a frame session, as a page does.
 */
export async function verifyLive(context: CommandContext, options: LiveOptions): Promise<Verdict> {
  const startedAt = performance.now();
  const file = readLiveFile(options.file);
  const { config, deps } = context;
  const { gadgetOrigin, siteOrigin } = config;
  const findings = new Findings();
  const notes: string[] = [];
  const inspector = new Inspector(new Canaries(new SeededRandom(0)), findings);
  const people = [...(options.as ?? file.people.keys())].map((name): Person => {
    const person = file.people.get(name);
    if (person === undefined) throw new Error(`${options.file} names no one called ${name}.`);
    const host = deps.directory.host(person.host);
    if (host === undefined) throw new Error(`There is no host ${person.host}, at which ${name} is.`);
    const viewer = new PlayedViewer(person, {
      ...{ gadgetOrigin, siteOrigin, key: signingKeyOf(host, person.keyFile), now: () => deps.clock.now() },
      moment: () => inspector.now(),
      hear: (answer) => inspector.hear(answer),
    });
    return { name: `${name} (${viewerName(person)})`, host, viewer };
  });
  if (people.length < 2) throw new Error('Verifying needs at least two people.');
  await context.settled;
  const looked = lookedAt(context, people, file, options.only, notes);
  if (looked.length === 0) throw new Error(['There is no gadget to look at.', ...notes].join(' '));
  await requireConnected(context, people, looked, findings);
  const run = new LiveRun(people, findings, new SeededRandom(options.seed));
  const distinct = await run.learn(looked);
  await run.mix(distinct);
  await run.compareEtags(distinct);
  searchLogs(options.logs, run.ownTexts, findings);
  return {
    mode: 'live',
    seed: options.seed,
    people: people.map(({ name }) => name),
    answers: inspector.answers,
    seconds: (performance.now() - startedAt) / 1000,
    gadgets: looked.map(({ gadget: { id } }) => ({
      ...{ gadget: id, shown: run.shownOf(id), requests: { shown: [], all: [] }, inputs: [] },
      states: run.statesOf(id),
    })),
    findings: findings.all(),
    notes,
  };
}
