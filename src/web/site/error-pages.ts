import { AppError } from '../../domain/errors.js';
import type { Context } from '../context.js';
import type { ErrorPage } from './error-text.js';
import type { SitePages } from './site-pages.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

interface Piece {
  readonly text: string;
  readonly code: boolean;
}

const LINK = /\[([^\]]+)\]\([^)]+\)/g;

/** Splits a text at its code marks; a link becomes its text, since it points within the documentation. */
export const piecesOf = (text: string): readonly Piece[] =>
  text
    .replaceAll(LINK, '$1')
    .split('`')
    .map((piece, index) => ({ text: piece, code: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');

/** A cell of the documentation's table as a sentence. */
const sentenceOf = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** `GET /errors/:code`: the page that the `type` of a problem document points to. */
export const errorPageRoutes = (errors: ReadonlyMap<string, ErrorPage>, pages: SitePages) => ({
  one(ctx: Addressed): void {
    const found = errors.get(ctx.params.code ?? '');
    if (found === undefined) throw new AppError('route_unknown', { as: 'error_code_unknown' });
    const { code, status, meaning, fix } = found;
    pages.show(ctx, 'site/error-code', {
      // Part of the documentation, in English like the rest of it.
      locale: 'en',
      code,
      status,
      meaning: piecesOf(sentenceOf(meaning)),
      fix: piecesOf(sentenceOf(fix)),
    });
  },
});
