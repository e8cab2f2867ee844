import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import nunjucks from 'nunjucks';
import { linearPattern } from './patterns.js';

/** How templates are read, at the build and at the start alike. */
export const OPTIONS = { autoescape: true, throwOnUndefined: false, trimBlocks: true, lstripBlocks: true };

interface Parsing {
  readonly parser: {
    parse(source: string): { findAll(kind: unknown): readonly { readonly value: unknown }[] };
  };
  readonly nodes: { readonly Literal: unknown };
}

/** Throws for a pattern that no view can use. */
export const requirePatterns = (source: string): void => {
  if (!source.includes('r/')) return;
  const { parser, nodes } = nunjucks as unknown as Parsing;
  for (const { value } of parser.parse(source).findAll(nodes.Literal))
    if (value instanceof RegExp) linearPattern(value);
};

/** A template that hands its variables to others, or counts its turns itself. */
const NEEDS_COUNTERS = /loop|include|extends|block|context/;
const COUNTER = /^frame\.set\("loop\.\w+", [^\n]*\);$/gm;

/** Seven counters are set at each turn of every loop, and hardly a template looks at them. */
const withoutCounters = (source: string, code: string): string =>
  NEEDS_COUNTERS.test(source) ? code : code.replace(COUNTER, '');

/** One template as the JavaScript that nunjucks makes of it; throws where it cannot be compiled. */
export const toCode = (name: string, source: string): string => {
  requirePatterns(source);
  const code = nunjucks.precompileString(source, {
    name,
    env: new nunjucks.Environment([], OPTIONS),
    // nunjucks hands over a list, whatever its types say.
    wrapper: (templates: unknown) => (templates as readonly [{ readonly template: string }])[0].template,
  });
  return withoutCounters(source, code);
};

/** A template that was compiled when the program was built, and of which text. */
interface Built {
  readonly hash: string;
  readonly code: string;
}

const hashOf = (source: string): string => createHash('sha256').update(source).digest('base64url');

/** What the build writes beside this file: our own templates and those of our gadgets, compiled. */
export const buildTemplates = (sources: ReadonlyMap<string, string>): Readonly<Record<string, Built>> =>
  Object.fromEntries(
    [...sources].map(([name, source]) => [name, { hash: hashOf(source), code: toCode(name, source) }]),
  );

/** Templates compiled when the program was built. One whose text has changed since is as if it had never been compiled. */
export class BuiltTemplates {
  readonly #built: ReadonlyMap<string, Built>;

  constructor(text: string | null) {
    this.#built = new Map(Object.entries(text === null ? {} : (JSON.parse(text) as Record<string, Built>)));
  }

  /** Whether this very text was compiled by the build, so that it can be compiled. */
  has(name: string, source: string): boolean {
    return this.get(name, source) !== undefined;
  }

  get(name: string, source: string): string | undefined {
    const known = this.#built.get(name);
    return known?.hash === hashOf(source) ? known.code : undefined;
  }
}

const read = (): string | null => {
  try {
    return readFileSync(new URL('./built-templates.json', import.meta.url), 'utf8');
  } catch (error) {
    // Run from its source, as tests do, the program was not built.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};

let known: BuiltTemplates | undefined;

/** Compiling all templates takes a quarter of a second: what the build has compiled is read instead. */
export const built = (): BuiltTemplates => {
  known ??= new BuiltTemplates(read());
  return known;
};
