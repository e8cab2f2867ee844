import type { Person } from '../people.js';
import { sampleHistory } from './history.js';
import type { Card, Change, Project } from './model.js';
import { sampleMurmurs } from './murmurs.js';
import { apolloCards, sampleProperties, statuses } from './sample-apollo.js';
import { borealisCards, cassiniCards } from './sample-others.js';

export interface Projects {
  all(): readonly Project[];
  byIdentifier(identifier: string): Project | null;
  /** Changes properties or the name of a card: a new version of it, and an event that says so. */
  change(project: Project, card: Card, by: string, edit: CardEdit): void;
}

export interface CardEdit {
  readonly name?: string;
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** Whether a person is on the project's team; administrators see everything. */
export const mayRead = (project: Project, person: Person): boolean =>
  person.admin || project.members.has(person.login);

const changesOf = (card: Card, edit: CardEdit): readonly Change[] => {
  const changes: Change[] = [];
  if (edit.name !== undefined && edit.name !== card.name) {
    changes.push({ type: 'name-change', from: card.name, to: edit.name });
  }
  for (const [property, to] of Object.entries(edit.properties ?? {})) {
    const from = card.properties[property] ?? null;
    if (from !== to) changes.push({ type: 'property-change', property, from, to });
  }
  return changes;
};

const builds = (group: string, pipeline: string): Project['builds'] => ({ group, pipeline });

/** The sample projects, freshly lived in until now; changes to them last as long as the process. */
export const sampleProjects = (now: () => number): Projects => {
  const project = (
    identifier: string,
    description: string,
    builds: Project['builds'],
    members: readonly string[],
    rows: Parameters<typeof sampleHistory>[0],
  ): Project => ({
    identifier,
    name: identifier.charAt(0).toUpperCase() + identifier.slice(1),
    description,
    cardTypes: ['Story', 'Bug', 'Task'],
    properties: sampleProperties,
    builds,
    members: new Set(members),
    ...sampleHistory(rows, statuses, now()),
    murmurs: sampleMurmurs(identifier, now()),
  });
  const projects = [
    project('apollo', 'A mail program for the web', builds('apollo', 'apollo-web'), ['ann'], apolloCards),
    project(
      'borealis',
      'Northern lights on your telephone',
      builds('borealis', 'borealis-app'),
      ['ann', 'bob'],
      borealisCards,
    ),
    project('cassini', 'The archive moves', builds('operations', 'cassini-archive'), [], cassiniCards),
  ];

  return {
    all: () => projects,
    byIdentifier: (identifier) => projects.find((one) => one.identifier === identifier) ?? null,
    change: (owning, card, by, edit) => {
      const changes = changesOf(card, edit);
      if (changes.length === 0) return;
      card.name = edit.name ?? card.name;
      card.properties = { ...card.properties, ...edit.properties };
      card.version += 1;
      card.modifiedBy = by;
      card.modifiedAt = now();
      owning.events.push({
        id: owning.events.length + 1,
        at: card.modifiedAt,
        by,
        source: { kind: 'card', number: card.number, type: card.type, version: card.version },
        title: `${card.type} #${card.number} ${card.name} changed`,
        changes,
      });
    },
  };
};
