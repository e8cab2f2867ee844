import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

/*
 * As much of Go's templates and of Helm's functions as our chart uses, since Helm itself is not to be had everywhere. Anything else is an
 * error here, so that the chart stays simple.
 */

type Scope = { readonly dot: unknown; readonly root: unknown };
type Node = { readonly text: string } | { readonly action: string; body: Node[]; otherwise: Node[] };

const BLOCK = /^(if|with|range|define) /;

const parse = (source: string): Node[] => {
  const trimmed = source.replaceAll(/\s*\{\{-/g, '{{').replaceAll(/-\}\}\s*/g, '}}');
  const top: Node[] = [];
  const open: { into: Node[]; block: Extract<Node, { action: string }> | null }[] = [
    { into: top, block: null },
  ];
  for (const [, text, action] of trimmed.matchAll(/([^{]+|\{(?!\{))|\{\{\s*(.*?)\s*\}\}/gs)) {
    const last = open.at(-1);
    if (last === undefined) throw new Error('one {{ end }} too many');
    if (text !== undefined) last.into.push({ text });
    else if (action === 'end') open.pop();
    else if (action !== undefined && !action.startsWith('/*')) {
      const node = { action, body: [], otherwise: [] };
      last.into.push(node);
      if (BLOCK.test(action)) open.push({ into: node.body, block: node });
    }
  }
  if (open.length !== 1) throw new Error('a block without its {{ end }}');
  return top;
};

const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((of, key) => {
      if (typeof of !== 'object' || of === null || !(key in of)) throw new Error(`there is no ${path}`);
      return (of as Readonly<Record<string, unknown>>)[key];
    }, value);

const isTrue = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length > 0
      : Boolean(value);

const indented = (text: string, by: number): string => `\n${text.replaceAll(/^(?=.)/gm, ' '.repeat(by))}`;

const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  toYaml: (value: unknown) => stringify(value).trimEnd(),
  nindent: (by: number, text: string) => indented(text, by),
  quote: (text: unknown) => JSON.stringify(String(text)),
  default: (fallback: unknown, value: unknown) => (isTrue(value) ? value : fallback),
  printf: (format: string, ...values: readonly unknown[]) =>
    values.reduce<string>((text, value) => text.replace('%s', String(value)), format),
  sha256sum: (text: string) => createHash('sha256').update(text).digest('hex'),
};

/** Renders templates of a chart. `values` are `.Values`, `.Release` and `.Chart`. */
export const renderer = (helpers: string, root: unknown) => {
  const defined = new Map<string, Node[]>();

  const word = (text: string, { dot, root: top }: Scope): unknown => {
    if (/^".*"$/.test(text)) return JSON.parse(text);
    if (/^\d+$/.test(text)) return Number(text);
    if (text.startsWith('$')) return at(top, text.slice(1));
    if (text.startsWith('.'))
      return text.startsWith('.Values') || /^\.(?:Release|Chart)\b/.test(text)
        ? at(top, text)
        : at(dot, text);
    throw new Error(`“${text}” is not understood`);
  };

  const call = (expression: string, scope: Scope, piped: readonly unknown[]): unknown => {
    const words = expression.match(/"[^"]*"|\([^()]*\)|[^\s()]+/g) ?? [];
    const [name = '', ...rest] = words;
    const args = [
      ...rest.map((each) => (each.startsWith('(') ? evaluate(each.slice(1, -1), scope) : word(each, scope))),
      ...piped,
    ];
    if (name === 'include')
      return write(defined.get(String(args[0])) ?? [], { dot: args[1], root: scope.root }).trim();
    const known = FUNCTIONS[name];
    if (known !== undefined) return known(...(args as never[]));
    if (args.length > 0) throw new Error(`there is no function ${name}`);
    return word(name, scope);
  };

  const evaluate = (expression: string, scope: Scope): unknown =>
    expression
      .split(' | ')
      .reduce<readonly unknown[]>((piped, each) => [call(each, scope, piped)], [])
      .at(0);

  const block = (node: Extract<Node, { action: string }>, scope: Scope): string => {
    const [kind = '', ...words] = node.action.split(' ');
    if (kind === 'define') {
      defined.set(JSON.parse(words.join(' ')) as string, node.body);
      return '';
    }
    const value = evaluate(words.join(' '), scope);
    if (!isTrue(value)) return '';
    if (kind === 'if') return write(node.body, scope);
    if (kind === 'with') return write(node.body, { ...scope, dot: value });
    return (value as readonly unknown[]).map((dot) => write(node.body, { ...scope, dot })).join('');
  };

  const write = (nodes: readonly Node[], scope: Scope): string =>
    nodes
      .map((node) =>
        'text' in node
          ? node.text
          : BLOCK.test(node.action)
            ? block(node, scope)
            : String(evaluate(node.action, scope)),
      )
      .join('');

  write(parse(helpers), { dot: root, root });
  return (template: string): string => write(parse(template), { dot: root, root });
};
