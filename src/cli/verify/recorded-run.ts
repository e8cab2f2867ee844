import { declaredGadgets } from '../../config/declared-gadgets.js';
import type { Limits } from '../../server/limits.js';
import { VIEWER_LIMITS } from '../../store/viewer-limits.js';
import { Canaries, SeededRandom } from './canaries.js';
import { Findings, type Seen, type Verdict } from './findings.js';
import { Inspector } from './inspector.js';
import type { Probed, ProbedInputs } from './key-probes.js';
import { viewerName } from './played-viewer.js';
import { PLANTINGS, playedRoles, type SampledGadget, sampledGadget } from './recorded-answers.js';
import type { Scenario } from './stub-provider.js';
import {
  editionsOf,
  HOSTS,
  MANY,
  parametersOf,
  type RecordedOptions,
  type Shared,
  Stage,
  sentenceOf,
} from './verified-stage.js';

/** A viewer of a run does in seconds what people do in days, and what is kept of it is thrown away at the end. */
const PATIENT = {
  database: { durable: false },
  viewer: { ...VIEWER_LIMITS, attempts: MANY, attemptsInAll: MANY, tickets: MANY, frames: MANY },
};
/** Room for so little that what is kept for one is thrown out for another all the time. */
const CRAMPED: Partial<Limits> = {
  ...PATIENT,
  caches: { entries: 5, flights: 3, pauses: 2, bytes: 200_000, bytesPerConnection: 100_000 },
  remembered: { connections: 2, tokens: 2, sessions: 3, changes: 3 },
  renderings: 2,
  records: 2,
  kept: { locales: 2, pageShells: 2, notes: 2, uses: 2 },
};

/** The gadgets that can be verified; what cannot is a finding, since nothing is proven of it. */
const chosenGadgets = async (
  { root, folders, only }: RecordedOptions,
  findings: Findings,
): Promise<readonly SampledGadget[]> => {
  const { entries, faulty } = await declaredGadgets({ gadgets: folders }, root);
  const isChosen = (id: string): boolean => only === null || only.has(id);
  const report = (gadget: string, what: string): void =>
    findings.add({ check: 'nothing-shown', gadget, what });
  for (const id of [...faulty.keys()].filter(isChosen))
    report(id, 'It has mistakes, so it is left out; `oriel gadget check` lists them.');
  const chosen = entries.filter(({ gadget }) => isChosen(gadget.id)).map(sampledGadget);
  for (const { gadget, samples } of chosen)
    if (samples.length === 0)
      report(gadget.id, 'It has no sample (sample.json), so there is no answer to show it with.');
  return chosen.filter(({ samples }) => samples.length > 0);
};

/** The first sample with its canaries in either way, every further one and every edition in one of them. */
const scenariosOf = ({ gadgets, options }: Shared): readonly Scenario[] => {
  const turns = options.isQuick ? 1 : Math.max(1, ...gadgets.map(({ samples }) => samples.length));
  const first = PLANTINGS.map((planting) => ({ turn: 0, planting, edition: null }));
  const further = Array.from({ length: turns - 1 }, (_, index) => ({
    turn: index + 1,
    planting: PLANTINGS[index % PLANTINGS.length] ?? 'everywhere',
    edition: null,
  }));
  const editions = editionsOf(gadgets).map((edition) => ({
    turn: 0,
    // Keys that one answer is found by in another stay what they are.
    planting: 'in-prose' as const,
    edition,
  }));
  return [...first, ...further, ...editions];
};

/** Plays every scenario before a server with room for all, and probes its keys; notes in which scenario each gadget showed most. */
const playUsual = async (shared: Shared): Promise<ProbedInputs> => {
  const { gadgets, inspector } = shared;
  const stage = await Stage.open(shared, PATIENT);
  const best = new Map<string, { readonly scenario: Scenario; readonly parts: number }>();
  const inputs = new Map<string, readonly { readonly input: string; readonly isVisible: boolean }[]>();
  try {
    for (const scenario of scenariosOf(shared)) {
      const before = new Map(gadgets.map(({ gadget }) => [gadget.id, inspector.shownOf(gadget.id).parts]));
      await stage.play(scenario);
      for (const { gadget } of gadgets) {
        const parts = inspector.shownOf(gadget.id).parts - (before.get(gadget.id) ?? 0);
        if (parts > (best.get(gadget.id)?.parts ?? 0)) best.set(gadget.id, { scenario, parts });
      }
    }
    const scenarios = new Set([...best.values()].map(({ scenario }) => scenario));
    for (const scenario of scenarios) {
      const own = gadgets.filter(({ gadget }) => best.get(gadget.id)?.scenario === scenario);
      for (const [id, found] of await stage.probe(
        scenario,
        own.map((each) => probedOf(each, scenario.turn)),
      ))
        inputs.set(id, found);
    }
  } finally {
    for (const each of stage.unanswered) shared.unanswered.add(each);
    await stage.close();
  }
  return inputs;
};

const probedOf = (sampled: SampledGadget, turn: number): Probed => ({
  gadget: sampled.gadget,
  base: parametersOf(sampled, turn),
  samples: sampled.samples.map((_, index) => parametersOf(sampled, index)),
});

/** Some scenarios again before a server that has hardly any room, where what is kept for one takes the place of another's. */
const playCramped = async (shared: Shared): Promise<void> => {
  const stage = await Stage.open(shared, CRAMPED);
  try {
    for (const scenario of scenariosOf(shared).slice(0, PLANTINGS.length)) await stage.play(scenario);
  } finally {
    await stage.close();
  }
};

const seenOf = ({ inspector, states }: Shared, { gadget }: SampledGadget, inputs: ProbedInputs): Seen => {
  const { times, requests } = inspector.shownOf(gadget.id);
  const all = gadget.requests.map(({ name }) => name);
  return {
    gadget: gadget.id,
    shown: times,
    requests: { shown: all.filter((name) => requests.includes(`${gadget.id}.${name}`)), all },
    inputs: inputs.get(gadget.id) ?? [],
    states: [...(states.get(gadget.id) ?? [])].sort(),
  };
};

/**
 * Verifies gadgets with what their samples have of providers: a stub gives each person canaries of their own, a server of this program
 * shows them, and every answer, log line and stored byte is searched for those of others.
 */
export async function verifyRecorded(options: RecordedOptions): Promise<Verdict> {
  const startedAt = performance.now();
  const findings = new Findings();
  const gadgets = await chosenGadgets(options, findings);
  const canaries = new Canaries(new SeededRandom(options.seed + 1));
  const inspector = new Inspector(canaries, findings);
  const random = new SeededRandom(options.seed);
  const shared: Shared = {
    options,
    gadgets,
    played: playedRoles(gadgets),
    canaries,
    findings,
    inspector,
    random,
    states: new Map(),
    unanswered: new Set(),
  };
  let inputs: ProbedInputs = new Map();
  try {
    if (gadgets.length > 0) {
      inputs = await playUsual(shared);
      if (!options.isQuick) await playCramped(shared);
    }
  } catch (error) {
    // What was found until then is what it is about.
    findings.add({ check: 'faults', gadget: null, what: `The run could not go on: ${sentenceOf(error)}` });
  }
  for (const { gadget } of gadgets)
    if (inspector.shownOf(gadget.id).times === 0)
      findings.add({
        check: 'nothing-shown',
        gadget: gadget.id,
        what: 'With none of its samples it showed anything of what was answered to its viewer, so nothing is proven of it.',
      });
  return {
    mode: 'recorded',
    seed: options.seed,
    people: HOSTS.flatMap((host) => options.people.map((sub) => viewerName({ host, sub }))),
    answers: inspector.answers,
    seconds: (performance.now() - startedAt) / 1000,
    gadgets: gadgets.map((each) => seenOf(shared, each, inputs)),
    findings: findings.all(),
    notes: [...shared.unanswered].map((each) => `No sample has an answer to ${each}, so it was not found.`),
  };
}
