import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/config-schema.js';
import { hostSchema } from '../../src/hosts/host-schema.js';
import { providerSchema } from '../../src/providers/provider-schema.js';

const PAGE = readFileSync('docs/how-oauth-works-here.md', 'utf8');

const parts = PAGE.split(/^(?=## )/m);
const partsWithNumbers = parts.filter((part) => /^## \d/.test(part));
const diagrams = [...PAGE.matchAll(/^```mermaid\n(.*?)^```/gms)].map(([, text = '']) => text);

describe('The page about OAuth', () => {
  it('has four parts, each with a diagram', () => {
    expect(partsWithNumbers.map((part) => /^## (\d)/.exec(part)?.[1])).toEqual(['1', '2', '3', '4']);
    for (const part of partsWithNumbers) expect(part).toContain('```mermaid');
  });

  it.each(diagrams.map((text, index) => [index + 1, text] as const))(
    'lets only those speak in diagram %i who are introduced in it',
    (_, text) => {
      const [head, ...lines] = text.trimEnd().split('\n');
      expect(head).toBe('sequenceDiagram');
      const known = new Set(
        lines.flatMap((line) => /^ {4}(?:actor|participant) (\w+)(?: as .+)?$/.exec(line)?.[1] ?? []),
      );
      for (const line of lines.filter((each) => !/^ {4}(?:actor|participant) /.test(each))) {
        const [, from, to] = /^ {4}(\w+)->>(\w+): [^;#]+$/.exec(line) ?? [];
        const [, over] = /^ {4}Note over (\w+): [^;#]+$/.exec(line) ?? [];
        for (const speaker of over === undefined ? [from, to] : [over])
          expect(known, line).toContain(speaker);
      }
    },
  );

  it('names settings that there are, and none else', () => {
    const known = [configSchema, providerSchema, hostSchema].flatMap(({ shape }) => Object.keys(shape));
    const table = parts.find((part) => part.startsWith('## Where the settings are')) ?? '';
    const listed = [...table.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    expect(listed.length).toBeGreaterThan(10);
    for (const name of listed) expect(known).toContain(name);
    for (const [, name = ''] of PAGE.matchAll(/`([a-z]+[A-Z]\w+)`/g)) expect(known, name).toContain(name);
  });
});
