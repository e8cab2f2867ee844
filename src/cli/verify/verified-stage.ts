import { readFileSync } from 'node:fs';
import type { Gadget } from '../../domain/gadget.js';
import { readParameters } from '../../gadgets/parameters.js';
import type { Limits } from '../../server/limits.js';
import { type Canaries, SeededRandom } from './canaries.js';
import type { Check, Findings } from './findings.js';
import { heldIn } from './held-secrets.js';
import { eventIn, type Inspector, withoutNames } from './inspector.js';
import { type Probed, type ProbedInputs, parameterText, probeKeys } from './key-probes.js';
import { type OpenFrame, PlayedViewer, type Surroundings, viewerName } from './played-viewer.js';
import { type PlayedRole, RecordedAnswers, type SampledGadget } from './recorded-answers.js';
import { type Scenario, StubProvider, type Trouble } from './stub-provider.js';
import { freePlace, type Place, type Remains, VerifiedServer } from './verified-server.js';

/** What is verified, and how. */
export interface RecordedOptions {
  /** The folder with `package.json`, `templates` and `gadgets`. */
  readonly root: string;
  /** Folders of gadgets beside the built-in ones. */
  readonly folders: readonly string[];
  /** Ids of the gadgets; null for all there are. */
  readonly only: ReadonlySet<string> | null;
  /** At least two. */
  readonly people: readonly string[];
  readonly seed: number;
  /** Only the first sample of each gadget, and only a server with room for all. */
  readonly isQuick: boolean;
  /** Where people reach the server through another one in front; null where they reach it directly. */
  readonly place: Place | null;
  /** Files that are searched for what must not be in a log, such as that of the server in front. */
  readonly logs: readonly string[];
}

/** The hosts of a run. The same people are at each: only the pair names a viewer. */
export const HOSTS = ['verify-one', 'verify-two'] as const;

/** Longer than an answer may be kept and a token lives, ms. */
const LONG = 50 * 3_600_000;
const LANGUAGES = ['en-GB', 'de', 'ar'] as const;
const ZONES = ['Europe/Berlin', 'America/New_York'] as const;
const TROUBLES: readonly Trouble[] = ['error', 'refused', 'absent', 'cut'];
/** So many steps are taken at the same time, at most. */
const AT_ONCE = 8;
/** Each viewer looks so often at each gadget, with the first sample and with each further one. */
const LOOKS = { first: 2, further: 1 } as const;

export const MANY = 1_000_000;

/** Shorter texts are found by chance. */
const SHORTEST_SECRET = 16;

const secretOf = (host: string): string => `host-secret-of-${host}-0123456789abcdef`;

export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A sample's parameters as a page writes them; the first sample's where a page could not, as with hostile texts. */
export const parametersOf = (
  { gadget, samples }: SampledGadget,
  turn: number,
): Readonly<Record<string, string>> => {
  const index = turn % samples.length;
  const known = gadget.parameters.map(({ name }) => name);
  const parameters = Object.fromEntries(
    Object.entries(samples[index]?.parameters ?? {})
      .filter(([name]) => known.includes(name))
      .map(([name, value]) => [name, parameterText(value)]),
  );
  try {
    readParameters(gadget, new Map(Object.entries(parameters)), {});
    return parameters;
  } catch {
    // What is wrong with the first sample's is said where the gadget is opened with them.
    return index === 0 ? parameters : parametersOf({ gadget, samples }, 0);
  }
};

/** The editions that requests of these gadgets are for. */
export const editionsOf = (gadgets: readonly SampledGadget[]): readonly string[] => [
  ...new Set(
    gadgets.flatMap(({ gadget }) => gadget.requests.flatMap(({ inputs }) => inputs.edition?.editions ?? [])),
  ),
];

/** What a viewer last saw of a gadget. */
interface LastSeen {
  readonly frame: OpenFrame;
  readonly content: { readonly etag: string; readonly text: string } | null;
  readonly standing: string | null;
}

/** What all parts of a run share. */
export interface Shared {
  readonly options: RecordedOptions;
  readonly gadgets: readonly SampledGadget[];
  /** Every provider there is. */
  readonly played: readonly PlayedRole[];
  readonly canaries: Canaries;
  readonly findings: Findings;
  readonly inspector: Inspector;
  readonly random: SeededRandom;
  readonly states: Map<string, Set<string>>;
  /** What gadgets asked for that no sample has an answer to. */
  readonly unanswered: Set<string>;
}

/** One server and the people before it. */
export class Stage {
  readonly #shared: Shared;
  readonly #place: Place;
  readonly #stub: StubProvider;
  readonly #server: VerifiedServer;
  readonly #secrets = new Set<string>();
  readonly #viewers = new Map<string, PlayedViewer>();
  /** Viewers and providers that were connected once. */
  readonly #joined = new Set<string>();
  /** By viewer and gadget. */
  readonly #last = new Map<string, LastSeen>();
  /** Consents and ends of one viewer come one after the other. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Viewers and providers whose connection was lost. */
  readonly #lost = new Map<string, readonly [viewer: PlayedViewer, provider: PlayedRole]>();

  private constructor(shared: Shared, place: Place, stub: StubProvider, server: VerifiedServer) {
    this.#shared = shared;
    this.#place = place;
    this.#stub = stub;
    this.#server = server;
  }

  static async open(shared: Shared, limits: Partial<Limits>): Promise<Stage> {
    const { options, gadgets, played, canaries, random } = shared;
    const place = options.place ?? (await freePlace());
    const answers = new RecordedAnswers(gadgets, played);
    const stub = await StubProvider.start(answers, canaries, new SeededRandom(random.below(MANY)));
    try {
      const records = recordsOf(shared, stub, 'usual');
      const server = await VerifiedServer.start(options.root, place, options.folders, records, limits);
      stub.now = server.clock.now;
      return new Stage(shared, place, stub, server);
    } catch (error) {
      await stub.close();
      throw error;
    }
  }

  /** Lets everyone look at everything with these answers, in random order and at the same time, while connections come and go. */
  async play(scenario: Scenario): Promise<void> {
    const { random } = this.#shared;
    await this.#set(scenario);
    for (const [viewer, provider] of this.#lost.values()) await this.#connect(viewer, provider);
    this.#lost.clear();
    const viewers = await this.#people();
    this.#last.clear();
    const steps = random.shuffled(viewers.flatMap((viewer) => this.#stepsOf(viewer, viewers)));
    for (let at = 0; at < steps.length; ) {
      const together = 1 + random.below(AT_ONCE);
      await Promise.all(steps.slice(at, at + together).map((step) => step()));
      at += together;
    }
  }

  /** See `probeKeys`. */
  async probe(scenario: Scenario, probed: readonly Probed[]): Promise<ProbedInputs> {
    const { canaries, findings, gadgets } = this.#shared;
    await this.#set(scenario);
    const { clock } = this.#server;
    return probeKeys(
      {
        ...{ canaries, findings, clock, hosts: HOSTS },
        connect: (host, sub, ids) => this.#connected(this.#viewer(host, sub), ids),
        viewer: (host, sub) => this.#viewer(host, sub),
        editions: editionsOf(gadgets).filter((each) => each !== scenario.edition),
        change: ({ edition = scenario.edition, place = 'usual' }) => {
          this.#stub.scenario = { ...scenario, edition };
          return this.#server.reload(recordsOf(this.#shared, this.#stub, place));
        },
      },
      probed,
    );
  }

  /** What gadgets asked for that no sample has an answer to. */
  get unanswered(): ReadonlySet<string> {
    return this.#stub.unanswered;
  }

  /** Stops everything and searches what it leaves. */
  async close(): Promise<void> {
    const remains = await this.#server.close();
    await this.#stub.close();
    this.#search(remains);
  }

  /** Everything that was fetched or issued before runs out. */
  async #set(scenario: Scenario): Promise<void> {
    const before = this.#stub.scenario.edition;
    this.#stub.scenario = scenario;
    this.#server.clock.advance(LONG);
    if (scenario.edition !== before) await this.#server.reload(recordsOf(this.#shared, this.#stub, 'usual'));
  }

  /** Those who look at everything. The same people are at each host: only the pair names a viewer. */
  async #people(): Promise<readonly PlayedViewer[]> {
    const all = new Set(this.#shared.gadgets.map(({ gadget }) => gadget.id));
    const viewers = HOSTS.flatMap((host) =>
      this.#shared.options.people.map((sub) => this.#viewer(host, sub)),
    );
    for (const viewer of viewers) await this.#connected(viewer, all);
    return viewers;
  }

  /** Connects a viewer to every provider of these gadgets, once. */
  async #connected(viewer: PlayedViewer, ids: ReadonlySet<string>): Promise<void> {
    for (const provider of this.#shared.played.filter(({ gadget }) => ids.has(gadget))) {
      const connection = `${viewer.name} ${provider.id}`;
      if (this.#joined.has(connection)) continue;
      this.#joined.add(connection);
      await this.#connect(viewer, provider);
    }
  }

  /** A viewer, made where there is none yet. */
  #viewer(host: string, sub: string): PlayedViewer {
    const name = viewerName({ host, sub });
    const known = this.#viewers.get(name);
    if (known !== undefined) return known;
    const { inspector } = this.#shared;
    const around: Surroundings = {
      ...this.#place,
      key: { algorithm: 'HS256', secret: secretOf(host) },
      now: () => this.#server.clock.now(),
      moment: () => inspector.now(),
      hear: (answer) => inspector.hear(answer),
      secret: (text) => void (text.length >= SHORTEST_SECRET && this.#secrets.add(text)),
    };
    const viewer = new PlayedViewer({ host, sub }, around);
    this.#viewers.set(name, viewer);
    return viewer;
  }

  #launch(viewer: PlayedViewer, sampled: SampledGadget): Promise<OpenFrame> {
    const { random } = this.#shared;
    const parameters = parametersOf(sampled, this.#stub.scenario.turn);
    const locked = Object.keys(parameters).filter(() => random.below(3) === 0);
    const where = { locale: random.pick(LANGUAGES), timeZone: random.pick(ZONES) };
    return viewer.launch({ gadget: sampled.gadget.id, parameters, locked, ...where });
  }

  #askedBy({ gadget: id }: PlayedRole): SampledGadget {
    const sampled = this.#shared.gadgets.find(({ gadget }) => gadget.id === id);
    if (sampled === undefined) throw new Error(`a provider of ${id}, which is not verified`);
    return sampled;
  }

  async #connect(viewer: PlayedViewer, provider: PlayedRole): Promise<void> {
    const frame = await this.#launch(viewer, this.#askedBy(provider));
    await viewer.connect(frame, provider.id, this.#stub.cookie(viewer.name));
    this.#stub.ended(viewer.name, provider.id, this.#shared.inspector.now(), 'newest');
  }

  #stepsOf(viewer: PlayedViewer, all: readonly PlayedViewer[]): readonly (() => Promise<void>)[] {
    const { random } = this.#shared;
    const { turn, edition } = this.#stub.scenario;
    // A gadget with fewer samples, or to which the edition is nothing, would be looked at with what it was looked at with before.
    const gadgets = this.#shared.gadgets.filter(
      (each) => turn < each.samples.length && (edition === null || editionsOf([each]).includes(edition)),
    );
    const ids = new Set(gadgets.map(({ gadget }) => gadget.id));
    const played = this.#shared.played.filter(({ gadget }) => ids.has(gadget));
    const others = all.filter((other) => other !== viewer);
    const looks = gadgets.flatMap((sampled) =>
      Array.from(
        { length: turn === 0 ? LOOKS.first : LOOKS.further },
        () => () => this.#look(viewer, sampled),
      ),
    );
    const compares = gadgets.map(
      ({ gadget }) =>
        () =>
          this.#compareEtags(viewer, random.pick(others), gadget),
    );
    const upsets = played.map((provider) => {
      const drawn = random.below(6);
      const trouble = random.pick(TROUBLES);
      return async (): Promise<void> => {
        if (drawn < 2) await this.#inTurn(viewer, () => this.#reconnect(viewer, provider, drawn === 0));
        else if (drawn === 2) this.#stub.spoil(viewer.name, provider.id);
        else if (drawn === 3) this.#stub.trouble(viewer.name, provider.id, trouble);
      };
    });
    return [...looks, ...compares, ...upsets];
  }

  async #look(viewer: PlayedViewer, sampled: SampledGadget): Promise<void> {
    const { id } = sampled.gadget;
    try {
      const frame = await this.#launch(viewer, sampled);
      const first = await viewer.content(frame);
      const etag = first.headers.get('etag');
      if (etag !== null) await viewer.content(frame, etag);
      const standing = (await viewer.standing(frame)).headers.get('etag');
      if (this.#shared.random.below(4) === 0) await viewer.relaunchPage(id);
      const state = first.headers.get('x-oriel-state') ?? 'none';
      this.#shared.states.set(id, (this.#shared.states.get(id) ?? new Set()).add(state));
      if (state === 'reconnect' || state === 'connect')
        for (const provider of this.#shared.played.filter(({ gadget }) => gadget === id))
          this.#lost.set(`${viewer.name} ${provider.id}`, [viewer, provider]);
      const content = etag === null || first.status !== 200 ? null : { etag, text: first.text };
      this.#last.set(`${viewer.name} ${id}`, { frame, content, standing });
    } catch (error) {
      this.#report('nothing-shown', id, sentenceOf(error));
    }
  }

  /** What stands for one person’s bytes must not tell another that nothing has changed. */
  async #compareEtags(viewer: PlayedViewer, other: PlayedViewer, { id }: Gadget): Promise<void> {
    const own = this.#last.get(`${viewer.name} ${id}`);
    const others = this.#last.get(`${other.name} ${id}`);
    if (own === undefined || others === undefined || others.content === null) return;
    // Where no one's data is shown, everyone may be shown the same.
    if (this.#shared.canaries.marksIn(others.content.text).length === 0) return;
    const content = await viewer.content(own.frame, others.content.etag);
    const standing = others.standing === null ? null : await viewer.standing(own.frame, others.standing);
    const unchanged = [content.status === 304 ? 'content' : '', standing?.status === 304 ? 'standing' : ''];
    for (const what of unchanged.filter((each) => each !== ''))
      this.#report(
        'etag-shared',
        id,
        `${viewer.name} was answered “nothing has changed” for an ETag of ${other.name} (/frame/${what}).`,
      );
  }

  async #reconnect(viewer: PlayedViewer, provider: PlayedRole, isEnded: boolean): Promise<void> {
    const { inspector } = this.#shared;
    if (isEnded) {
      const sampled = this.#askedBy(provider);
      const frame = await this.#launch(viewer, sampled);
      await viewer.call(frame, '/frame/disconnect', { provider: provider.id });
      this.#stub.ended(viewer.name, provider.id, inspector.now());
      await this.#look(viewer, sampled);
    }
    await this.#connect(viewer, provider);
  }

  #inTurn(viewer: PlayedViewer, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(viewer.name) ?? Promise.resolve()).then(work);
    this.#turns.set(viewer.name, turn);
    return turn;
  }

  #search({ log, audit, database }: Remains): void {
    const { options } = this.#shared;
    this.#searchIn('logged', 'The server’s log', log);
    this.#searchIn('audited', 'The audit log', audit);
    this.#searchIn('stored', 'The database', database);
    for (const [, message = ''] of log.matchAll(/"event":"bug".*?"message":"([^"]*)"/g))
      this.#report('faults', null, `The server’s log reports a bug: ${withoutNames(message)}`);
    for (const file of options.logs) this.#searchIn('logged', file, readFileSync(file, 'utf8'));
  }

  #searchIn(check: Check, where: string, text: string): void {
    for (const line of text.split('\n')) {
      for (const { grant, request } of this.#shared.canaries.marksIn(line))
        this.#report(
          check,
          null,
          `${where} has what ${grant.provider} answered to ${request}${eventIn(line)}.`,
        );
    }
    for (const _found of heldIn(text, [...this.#secrets, ...this.#stub.secrets]))
      this.#report(check, null, `${where} has a token, code or other secret in clear.`);
  }

  #report(check: Check, gadget: string | null, what: string): void {
    this.#shared.findings.add({ check, gadget, what });
  }
}

/** Hosts that bind each role of each gadget to the provider that plays it, and these providers. */
const recordsOf = ({ gadgets, played }: Shared, stub: StubProvider, place: string): object => {
  const bindingOf = ({ gadget: { id } }: SampledGadget): object => ({
    gadget: id,
    providers: Object.fromEntries(
      played.filter(({ gadget }) => gadget === id).map((each) => [each.role, each.id]),
    ),
  });
  const host = (id: string): object => ({
    name: id,
    origins: ['http://localhost:8153'],
    key: { algorithm: 'HS256', secret: secretOf(id) },
    gadgets: Object.fromEntries(gadgets.map((each) => [each.gadget.id, bindingOf(each)])),
    providers: played.map(({ id: provider }) => provider),
  });
  return {
    hosts: Object.fromEntries(HOSTS.map((id) => [id, host(id)])),
    providers: Object.fromEntries(played.map((each) => [each.id, stub.entry(each.id, place, each)])),
  };
};
