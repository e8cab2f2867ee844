import type { Path } from '../domain/document-path.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What `${…}` may stand for: variables, and files near the configuration. */
export interface Surroundings {
  readonly env: Environment;
  /** The text of a file named relative to the configuration, or the sentence why there is none. */
  readFile(path: string): { readonly text: string } | { readonly problem: string };
}

/** A `${…}` that stands for nothing. */
export interface Unresolved {
  readonly path: Path;
  readonly problem: string;
  readonly expected: string;
  readonly example: string;
}

const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const expression = /\$(\$\{|\{([^}]*)(\}?))/g;

type Replaced = { readonly text: string } | Omit<Unresolved, 'path'>;

const replace = (inner: string, around: Surroundings): Replaced => {
  if (inner.startsWith('file:')) {
    const read = around.readFile(inner.slice('file:'.length));
    if ('text' in read) return read;
    return {
      problem: read.problem,
      expected: 'a readable UTF-8 file, its path relative to this one',
      example: `\${file:./gocd.pub.pem}`,
    };
  }
  const [, name, fallback] = variable.exec(inner) ?? [];
  if (name === undefined) {
    return {
      problem: `a \${ starts here that no form of ours goes on with`,
      expected: `\${NAME}, \${NAME:-default} or \${file:path}; a plain \${ is written $\${`,
      example: `\${ORIEL_KEY}`,
    };
  }
  const value = Object.hasOwn(around.env, name) ? around.env[name] : undefined;
  // As in a shell, `:-` stands in for an empty variable too.
  if (fallback !== undefined) return { text: value === undefined || value === '' ? fallback : value };
  if (value !== undefined) return { text: value };
  return {
    problem: `the environment has no variable ${name}`,
    expected: `${name} set before the server starts, or a default: \${${name}:-default}`,
    example: `export ${name}=…`,
  };
};

const interpolateText = (text: string, around: Surroundings, note: (failed: Replaced) => void): string =>
  text.replace(expression, (_all, rest: string, inner: string, closed: string) => {
    if (rest === `\${`) return `\${`;
    const replaced = replace(closed === '' ? '' : inner, around);
    if ('text' in replaced) return replaced.text;
    note(replaced);
    return '';
  });

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:path}` in every string of the data, keys excepted. What a variable holds is
 * never read again for `${…}`. Strings that could not be completed are named in `unresolved`.
 */
export const interpolate = (
  data: unknown,
  around: Surroundings,
): { readonly data: unknown; readonly unresolved: readonly Unresolved[] } => {
  const unresolved: Unresolved[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      return interpolateText(value, around, (failed) => {
        if ('problem' in failed) unresolved.push({ path, ...failed });
      });
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value === 'object' && value !== null) {
      // Object.fromEntries defines keys, so that one called `__proto__` stays a key and is refused as unknown.
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
      );
    }
    return value;
  };
  return { data: walk(data, []), unresolved };
};
