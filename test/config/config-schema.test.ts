import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, describePath, type JsonSchema } from '../../src/config/json-schema.js';

const FILE = 'docs/schemas/oriel.schema.json';
const written = () => `${JSON.stringify(configJsonSchema(), null, 2)}\n`;

const isNode = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

/** Every named key of the schema with its path. */
const keysOf = (node: unknown, path: string): readonly (readonly [string, JsonSchema])[] => {
  if (!isNode(node)) return [];
  const alternatives = Array.isArray(node.anyOf) ? node.anyOf : [];
  const named = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    isNode(child) ? [[`${path}.${key}`, child] as const, ...keysOf(child, `${path}.${key}`)] : [],
  );
  return [
    ...named,
    ...[...alternatives, node.items, node.additionalProperties].flatMap((child) => keysOf(child, path)),
  ];
};

interface Placed {
  readonly node: JsonSchema;
  readonly siblings: readonly unknown[];
}

/** Every schema in a schema, each with the alternatives it stands among. */
const nodesOf = (node: unknown, siblings: readonly unknown[] = []): readonly Placed[] => {
  if (!isNode(node)) return [];
  const alternatives = Array.isArray(node.anyOf) ? node.anyOf : [];
  const children = [...Object.values(node.properties ?? {}), node.items, node.additionalProperties];
  return [
    { node, siblings },
    ...alternatives.flatMap((each) => nodesOf(each, alternatives)),
    ...children.flatMap((each) => nodesOf(each)),
  ];
};

describe('The JSON Schema of oriel.yaml', () => {
  it('in the repository is the one the types give (UPDATE_SCHEMAS=1 writes it)', () => {
    if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(FILE, written());
    expect(readFileSync(FILE, 'utf8')).toBe(written());
  });

  it('describes every key with an example', () => {
    const bare = keysOf(configJsonSchema(), '').filter(
      ([, node]) => typeof node.description !== 'string' || !Array.isArray(node.examples),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('allows a variable wherever a value is narrower than text', () => {
    const variable = { type: 'string', pattern: String.raw`\$\{[^}]+\}` };
    const narrow = nodesOf(configJsonSchema())
      .filter(
        ({ node }) => ['enum', 'const', 'pattern'].some((key) => key in node) || node.type === 'integer',
      )
      .map(({ siblings }) => siblings);
    expect(narrow.length).toBeGreaterThan(10);
    for (const siblings of narrow) expect(siblings).toContainEqual(variable);
  });

  it('says what belongs at a path, through lists, groups and alternatives', () => {
    const schema = configJsonSchema();
    expect(describePath(schema, ['hosts', 'any', 'key', 'jwks'])?.description).toContain('JSON Web Key Set');
    expect(describePath(schema, ['hosts', 'any', 'origins', 3])?.description).toContain('exact origins');
    expect(describePath(schema, ['nowhere'])).toBeNull();
  });
});
