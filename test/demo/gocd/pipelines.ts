import type { Person } from '../people.js';

export type Result = 'Passed' | 'Failed' | 'Building' | 'Cancelled' | 'Unknown';

export interface Modification {
  readonly revision: string;
  readonly author: string;
  readonly comment: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** One run of a pipeline, with what was committed since the run before. */
export interface Run {
  readonly counter: number;
  readonly label: string;
  readonly at: number;
  readonly stages: readonly { readonly name: string; readonly result: Result; readonly counter: number }[];
  /** Newest first. */
  readonly modifications: readonly Modification[];
}

export interface Pipeline {
  readonly name: string;
  readonly group: string;
  /** Logins that may see it; administrators see every pipeline. */
  readonly viewers: readonly string[];
  /** The Mingle project that commit comments refer to, with the MQL that groups its cards. */
  readonly tracking: { readonly project: string; readonly conditions: string } | null;
  /** Who paused it, when and why, while it is paused. */
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: number };
  /** Oldest first. */
  readonly runs: readonly Run[];
}

export const mayView = (pipeline: Pipeline, person: Person): boolean =>
  person.admin || pipeline.viewers.includes(person.login);

const minute = 60_000;

/** When a stage of a run started and ended: one after the other, some minutes each. */
export const stageTimes = (run: Run, place: number): { readonly start: number; readonly end: number } => {
  const lasts = (at: number): number => (3 + ((run.counter * 5 + at * 4) % 7)) * minute;
  const start = Array.from({ length: place }, (_, at) => lasts(at)).reduce((sum, each) => sum + each, run.at);
  return { start, end: start + lasts(place) };
};

/** GoCD finds pipelines by name in any case. */
export const pipelineNamed = (pipelines: readonly Pipeline[], name: string): Pipeline | null =>
  pipelines.find((pipeline) => pipeline.name.toLowerCase() === name.toLowerCase()) ?? null;

/** The runs that a comparison covers: `from` itself is not part of it, the ends may come in either order. */
export const runsBetween = (pipeline: Pipeline, from: number, to: number): readonly Run[] => {
  const [low, high] = from === to ? [from - 1, to] : from < to ? [from, to] : [to, from];
  return pipeline.runs.filter(({ counter }) => counter > low && counter <= high).toReversed();
};

/** Card numbers that commit comments name as `#12`: newest commit first, each number once. */
export const cardNumbers = (runs: readonly Run[]): readonly number[] => {
  const named = runs
    .flatMap(({ modifications }) => modifications)
    .flatMap(({ comment }) => Array.from(comment.matchAll(/#(\d+)/g), (match) => match[1] ?? '').toSorted());
  return [...new Set(named.map(Number))];
};
