import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const page = readFileSync('src/render/README.md', 'utf8');

/** Every name with its file, as “`name` in `file`”. */
const named = [...page.matchAll(/`([A-Za-z.]+)` in\s+`((?!domain)[\w/-]+\.ts)`/g)].map(
  ([, name = '', file = '']) => [name, file] as const,
);

/** Top-level exported functions, and methods of exported classes as `Class.method`. */
const exportedIn = (file: string): readonly string[] => {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const isExported = (node: ts.HasModifiers): boolean =>
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
  return source.statements.flatMap((node) => {
    if (ts.isFunctionDeclaration(node) && isExported(node)) return node.name?.text ?? [];
    if (ts.isVariableStatement(node) && isExported(node))
      return node.declarationList.declarations.flatMap(({ name, initializer }) =>
        ts.isIdentifier(name) && initializer !== undefined && ts.isArrowFunction(initializer)
          ? name.text
          : [],
      );
    if (!ts.isClassDeclaration(node) || !isExported(node)) return [];
    return node.members.flatMap((member) =>
      ts.isMethodDeclaration(member) && ts.isIdentifier(member.name)
        ? `${node.name?.text}.${member.name.text}`
        : [],
    );
  });
};

describe('The steps of rendering as the README lists them', () => {
  it('are many, and each has a function', () => {
    expect(named.length).toBeGreaterThan(20);
    const steps = [...page.matchAll(/^\| \d+\. .*$/gm)];
    expect(steps.length).toBeGreaterThan(12);
    for (const [step] of steps) expect(step).toMatch(/`[A-Za-z.]+` in `[\w/-]+\.ts`/);
  });

  it.each(named)('%s is an exported function or method of %s', (name, file) => {
    expect(exportedIn(`src/${file}`)).toContain(name);
  });

  it('name only types and files that there are', () => {
    for (const [, name = '', file = ''] of page.matchAll(/`([A-Z]\w+)` in `(domain\/[\w-]+\.ts)`/g))
      expect(readFileSync(`src/${file}`, 'utf8')).toMatch(
        new RegExp(`^export (interface|type) ${name}\\b`, 'm'),
      );
    for (const [, path = ''] of page.matchAll(
      /`((?:render|gadgets|upstream|web|docs|templates)\/[\w./-]+)`/g,
    ))
      expect(() =>
        readFileSync(`${/^(docs|templates)/.test(path) ? '' : 'src/'}${path}`, 'utf8'),
      ).not.toThrow(/ENOENT/);
  });
});
