/** What a cell shows. */
export interface CellContent {
  readonly html: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly style: string | null;
  readonly revision: number;
}

export type CellMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'height'; readonly height: number }
  | { readonly type: 'shown'; readonly revision: number }
  | { readonly type: 'pressed'; readonly label: string };

const isOurs = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && 'workshop' in data && data.workshop === 1;

export const isCellContent = (data: unknown): data is CellContent =>
  isOurs(data) && typeof data.html === 'string';

export const isCellMessage = (data: unknown): data is CellMessage =>
  isOurs(data) && typeof data.type === 'string';

/** What the page sends to a cell. */
export const cellContent = (content: CellContent): CellContent & { readonly workshop: 1 } => ({
  workshop: 1,
  ...content,
});
