import type { Entry } from '../../domain/setup-record.js';
import { isMasked } from '../records/masking.js';
import { at, type Form, type FormField, put, type Texts, typedIn } from '../records/record-form.js';
import type { MaskedSecret } from '../records/record-types.js';

/** A registration of one host's own, as the form shows it. */
export interface ClientRow {
  readonly host: string;
  readonly id: string;
  readonly secret: MaskedSecret | null;
  /** Whether it is ticked to be taken away. */
  readonly removed: boolean;
}

const EMPTY: ClientRow = { host: '', id: '', secret: null, removed: false };

const textAt = (entry: Entry | null, path: readonly string[]): string => {
  const value = at(entry, path);
  return typeof value === 'string' ? value : '';
};

const secretAt = (entry: Entry | null, host: string): MaskedSecret | null => {
  const secret = at(entry, ['clients', host, 'secret']);
  return isMasked(secret) ? secret : null;
};

/** The registrations of single hosts. */
export const clientsIn = (entry: Entry | null): readonly ClientRow[] => {
  const clients = at(entry, ['clients']);
  const hosts = typeof clients === 'object' && clients !== null ? Object.keys(clients) : [];
  return hosts.map((host) => ({
    host,
    id: textAt(entry, ['clients', host, 'id']),
    secret: secretAt(entry, host),
    removed: false,
  }));
};

/** How many rows the page had. */
const rowsOf = (form: Form): number => {
  let rows = 0;
  while (form.has(`client-${rows}-host`)) rows += 1;
  return rows;
};

interface TypedRow extends ClientRow {
  readonly n: number;
  readonly typed: string;
}

const typedRows = (form: Form, before: Entry | null): readonly TypedRow[] =>
  Array.from({ length: rowsOf(form) }, (_, n) => {
    const of = (what: string): string => typedIn(form, `client-${n}-${what}`) ?? '';
    const host = of('host');
    return {
      n,
      host,
      id: of('id'),
      typed: of('secret'),
      secret: secretAt(before, host),
      removed: form.has(`client-${n}-remove`),
    };
  });

const isBlank = ({ host, id, typed }: TypedRow): boolean => host === '' && id === '' && typed === '';

/** The rows of the form as a person left them, or those of the entry, and always an empty one for one more. */
export const shownRows = (before: Entry | null, form: Form): readonly ClientRow[] => {
  if (rowsOf(form) === 0) return [...clientsIn(before), EMPTY];
  const rows = typedRows(form, before);
  // Blank ones go at the end only: what was typed into a row is kept by its number.
  return [...rows.slice(0, rows.findLastIndex((row) => !isBlank(row)) + 1), EMPTY];
};

/** The entry with the registrations of single hosts as the form has them, and rows that cannot be understood. */
export const withClients = (
  entry: Entry,
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: Texts } => {
  if (rowsOf(form) === 0) return { entry, errors: {} };
  const errors: Record<string, string> = {};
  const rows = typedRows(form, before).filter((row) => !row.removed && !isBlank(row));
  const seen = new Set<string>();
  for (const { n, host } of rows) {
    if (host === '') errors[`client-${n}-host`] = 'Which host is this registration of?';
    else if (seen.has(host)) errors[`client-${n}-host`] = `There is another row for the host ${host}.`;
    seen.add(host);
  }
  const clients = Object.fromEntries(
    rows
      .filter(({ host }) => host !== '')
      .map(({ host, id, typed, secret }) => [
        host,
        {
          ...(id !== '' && { id }),
          ...(typed !== '' ? { secret: typed } : secret !== null && { secret }),
        },
      ]),
  );
  const kept = rows.length === 0 && clientsIn(before).length === 0 ? at(before, ['clients']) : undefined;
  return { entry: put(entry, ['clients'], Object.keys(clients).length === 0 ? kept : clients), errors };
};

/** The fields of the rows, so that a mistake finds its row. */
export const clientFields = (rows: readonly ClientRow[]): readonly FormField[] =>
  rows.flatMap(({ host }, n): readonly FormField[] => {
    const of = host === '' ? 'of one more host' : `of ${host}`;
    const path = ['clients', host];
    return [
      { name: `client-${n}-host`, label: 'Host of its own registration', path, kind: 'text' },
      { name: `client-${n}-id`, label: `Client id ${of}`, path: [...path, 'id'], kind: 'text' },
      { name: `client-${n}-secret`, label: `Client secret ${of}`, path: [...path, 'secret'], kind: 'secret' },
    ];
  });

/** All of them in one text, for people to compare. */
export const clientsText = (entry: Entry | null): string =>
  clientsIn(entry)
    .map(({ host, id, secret }) => `${host}: ${id}${secret === null ? '' : `, secret ${secret.fingerprint}`}`)
    .join('\n');
