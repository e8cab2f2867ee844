import type { Card, Change, Project, ProjectEvent } from './model.js';

/** A card of the sample data: status by its place in the list, release by its number. */
export type CardRow = readonly [
  number: number,
  type: string,
  name: string,
  status: number,
  owner: string | null,
  priority: string | null,
  estimate: number | null,
  release: number | null,
  daysOld: number,
];

const day = 24 * 60 * 60 * 1000;

type Dated = Omit<ProjectEvent, 'id'>;

interface Moment {
  readonly at: number;
  readonly by: string;
  readonly title: (label: string) => string;
  readonly changes: readonly Change[];
}

const propertyChange = (property: string, from: string | null, to: string | null): Change => ({
  type: 'property-change',
  property,
  from,
  to,
});

/** What happened to a card from its creation to its present state, spread over its life. */
const moments = (row: CardRow, statuses: readonly string[], now: number): readonly Moment[] => {
  const [number, , , status, owner, priority, , , daysOld] = row;
  const by = owner ?? 'admin';
  const created = now - daysOld * day - ((number * 37) % 600) * 60_000;
  const steps = status + (owner ? 1 : 0) + (number % 4 === 0 ? 1 : 0);
  const step = (now - created) / (steps + 2);
  const changed = (label: string): string => `${label} changed`;
  const history: Moment[] = [
    {
      at: created,
      by: 'admin',
      title: (label) => `${label} created`,
      changes: [{ type: 'card-creation' }, ...(priority ? [propertyChange('Priority', null, priority)] : [])],
    },
  ];
  const add = (title: Moment['title'], changes: readonly Change[]): void => {
    history.push({ at: created + step * history.length, by, title, changes });
  };
  if (owner) add(changed, [propertyChange('Owner', null, owner)]);
  if (number % 4 === 0) add((label) => `${label} commented on`, [{ type: 'murmur-addition' }]);
  for (let reached = 1; reached <= status; reached += 1) {
    add(changed, [propertyChange('Status', statuses[reached - 1] ?? null, statuses[reached] ?? null)]);
  }
  return history;
};

const cardOf = (row: CardRow, statuses: readonly string[], history: readonly Moment[]): Card => {
  const [number, type, name, status, owner, priority, estimate, release] = row;
  const first = history[0];
  const last = history.at(-1);
  if (!first || !last) throw new Error('A card starts with its creation.');
  return {
    number,
    name,
    type,
    description: `Done means: ${name}, tried by somebody who did not build it, and written down in the help.`,
    properties: {
      Status: statuses[status] ?? null,
      Owner: owner,
      Priority: priority,
      Estimate: estimate === null ? null : String(estimate),
      Release: release === null ? null : `Release ${release}`,
    },
    createdBy: first.by,
    createdAt: first.at,
    modifiedBy: last.by,
    modifiedAt: last.at,
    version: history.length,
  };
};

const commits = (rows: readonly CardRow[], now: number): readonly Dated[] =>
  rows
    .filter(([number, , , status]) => status > 1 && number % 5 === 3)
    .map(([number, , name, , owner, , , , daysOld]) => {
      const revision = ((number * 2654435761) >>> 0).toString(16).padStart(8, '0');
      return {
        at: now - (daysOld / 3) * day,
        by: owner ?? 'admin',
        source: { kind: 'revision', revision, cards: [number] },
        title: `Revision ${revision} committed: #${number} ${name.toLowerCase().slice(0, 60)}`,
        changes: [],
      };
    });

/** Cards and events for a project's rows, as if its people had worked on them until just now. */
export const sampleHistory = (
  rows: readonly CardRow[],
  statuses: readonly string[],
  now: number,
): Pick<Project, 'cards' | 'events'> => {
  const cards: Card[] = [];
  const dated: Dated[] = [...commits(rows, now)];
  for (const row of rows) {
    const history = moments(row, statuses, now);
    const card = cardOf(row, statuses, history);
    cards.push(card);
    for (const [index, { at, by, title, changes }] of history.entries()) {
      const source = { kind: 'card', number: card.number, type: card.type, version: index + 1 } as const;
      dated.push({ at, by, source, title: title(`${card.type} #${card.number} ${card.name}`), changes });
    }
  }
  dated.sort((one, other) => one.at - other.at);
  return { cards, events: dated.map((event, index) => ({ ...event, id: index + 1 })) };
};
