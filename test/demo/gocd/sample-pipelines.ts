import { createHash } from 'node:crypto';
import type { Pipeline, Result, Run } from './pipelines.js';

const hour = 60 * 60 * 1000;

type Commits = readonly (readonly [author: string, comment: string])[];

/** Commits of each run, the oldest run first. */
const apolloWeb: readonly Commits[] = [
  [['Ann Kowalski', '#16 Deleted mail goes to the trash']],
  [['Ada Admin', '#29 New certificates, valid until next spring']],
  [
    ['Ann Kowalski', '#10 Keep a copy of what was sent'],
    ['Ann Kowalski', '#10 #11 Subjects are UTF-8 everywhere'],
  ],
  [['Ada Admin', 'Upgrade the build image']],
  [
    ['Ann Kowalski', '#12 Sort the inbox by date (受信トレイ)'],
    ['Ada Admin', '#15 Move the index next to the store'],
  ],
  [
    ['Ann Kowalski', '#14 Escape what was searched for: <b> is text'],
    ['Ann Kowalski', '#36 Sender names cannot break the line & are cut at 80 signs'],
    ['Ann Kowalski', '#28 One message per Ctrl+Enter'],
  ],
  [
    ['Ann Kowalski', '#37 Dark colours, first half'],
    ['Ann Kowalski', '#35 Undo send: the button, #40 the feed link beside it'],
    ['Ada Admin', '#9 The nightly backup runs an hour earlier'],
  ],
];

const borealisApp: readonly Commits[] = [
  [['Bob Tanaka', '#1 Forecast from the new source']],
  [['Bob Tanaka', '#3 Summer time, once and for all']],
  [
    ['Bob Tanaka', '#2 Alerts wait for a clear sky'],
    ['Ann Kowalski', '#4 #8 Texts agreed with the observatory'],
  ],
];

const cassiniArchive: readonly Commits[] = [
  [['Ada Admin', '#2 Count tapes']],
  [['Ada Admin', '#1 Copy the first hundred boxes']],
];

const infrastructure: readonly Commits[] = [
  [['Ada Admin', 'Three agents more']],
  [['Ada Admin', 'Rotate the keys of the artifact store']],
];

const runsOf = (
  pipeline: string,
  commits: readonly Commits[],
  first: number,
  stages: readonly string[],
  last: readonly Result[],
  now: number,
): readonly Run[] =>
  commits.map((run, index) => {
    const counter = first + index;
    const age = (commits.length - index) * 9 * hour;
    const latest = index === commits.length - 1;
    return {
      counter,
      label: String(counter),
      at: now - age,
      stages: stages.map((name, place) => ({
        name,
        counter: 1,
        result: latest ? (last[place] ?? 'Unknown') : 'Passed',
      })),
      modifications: run.toReversed().map(([author, comment], place) => ({
        revision: createHash('sha1').update(`${pipeline} ${counter} ${comment}`).digest('hex'),
        author,
        comment,
        at: now - age - (place + 1) * 0.4 * hour,
      })),
    };
  });

/** The demo's pipelines, run regularly until just now. */
export const samplePipelines = (now: number): readonly Pipeline[] => [
  {
    name: 'apollo-web',
    group: 'apollo',
    viewers: ['ann', 'bob'],
    tracking: { project: 'apollo', conditions: "Status > 'In Development'" },
    runs: runsOf(
      'apollo-web',
      apolloWeb,
      18,
      ['build', 'test', 'package'],
      ['Passed', 'Passed', 'Building'],
      now,
    ),
  },
  {
    name: 'apollo-deploy',
    group: 'apollo',
    viewers: ['ann'],
    tracking: { project: 'apollo', conditions: 'Status = Done' },
    runs: runsOf(
      'apollo-deploy',
      apolloWeb.slice(-2),
      7,
      ['staging', 'production'],
      ['Passed', 'Failed'],
      now,
    ),
  },
  {
    name: 'borealis-app',
    group: 'borealis',
    viewers: ['ann', 'bob'],
    tracking: { project: 'borealis', conditions: 'Status = Done OR Priority = Urgent' },
    runs: runsOf('borealis-app', borealisApp, 3, ['build', 'test'], ['Passed', 'Failed'], now),
  },
  {
    name: 'borealis-release',
    group: 'borealis',
    viewers: ['bob'],
    tracking: { project: 'borealis', conditions: 'Status = Done' },
    runs: runsOf(
      'borealis-release',
      borealisApp.slice(1),
      1,
      ['package', 'publish'],
      ['Passed', 'Passed'],
      now,
    ),
  },
  {
    name: 'cassini-archive',
    group: 'operations',
    viewers: [],
    tracking: { project: 'cassini', conditions: '' },
    runs: runsOf('cassini-archive', cassiniArchive, 1, ['copy'], ['Passed'], now),
  },
  {
    name: 'infrastructure',
    group: 'operations',
    viewers: ['ann', 'bob'],
    tracking: null,
    paused: { by: 'admin', reason: 'The agents move to another rack until Monday', at: now - 5 * hour },
    runs: runsOf('infrastructure', infrastructure, 40, ['apply'], ['Passed'], now),
  },
];
