import type { Card, Project } from '../model.js';
import { MqlError } from './lexer.js';

/** Something of a card that MQL can name. */
export interface Column {
  readonly name: string;
  /** `list` compares by place in `values`; the others by number or by letters. */
  readonly kind: 'number' | 'text' | 'list' | 'user' | 'date';
  readonly values: readonly string[];
  /** As text; null when not set. */
  readonly of: (card: Card) => string | null;
}

const date = (at: number): string => new Date(at).toISOString().slice(0, 10);

const builtIn = (project: Project): readonly Column[] => [
  { name: 'Number', kind: 'number', values: [], of: (card) => String(card.number) },
  { name: 'Name', kind: 'text', values: [], of: (card) => card.name },
  { name: 'Description', kind: 'text', values: [], of: (card) => card.description },
  { name: 'Type', kind: 'list', values: project.cardTypes, of: (card) => card.type },
  { name: 'Created by', kind: 'user', values: [], of: (card) => card.createdBy },
  { name: 'Modified by', kind: 'user', values: [], of: (card) => card.modifiedBy },
  { name: 'Created on', kind: 'date', values: [], of: (card) => date(card.createdAt) },
  { name: 'Modified on', kind: 'date', values: [], of: (card) => date(card.modifiedAt) },
];

/** The columns of a project by name, in any case. Throws Mingle's sentence for one that it does not have. */
export const columnsOf = (project: Project): ((name: string) => Column) => {
  const defined = project.properties.map(
    (property): Column => ({ ...property, of: (card) => card.properties[property.name] ?? null }),
  );
  const byName = new Map(
    [...builtIn(project), ...defined].map((column) => [column.name.toLowerCase(), column]),
  );
  return (name) => {
    const column = byName.get(name.toLowerCase());
    if (!column) throw new MqlError(`Card property '${name}' does not exist!`);
    return column;
  };
};

/** How a column is called in an answer: lower case, underscores. */
export const answerName = (column: Column): string =>
  column.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_');
