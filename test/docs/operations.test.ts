import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.js';
import { API_SCOPES } from '../../src/domain/administrator.js';
import { AUDIT_ACTIONS } from '../../src/domain/audit-event.js';

const page = readFileSync('docs/operations.md', 'utf8');

/** The text below a heading, to the next of its level. */
const section = (heading: string): string => {
  const [, text] = page.split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`docs/operations.md has no section “${heading}”`);
  return text.split('\n## ')[0] ?? '';
};

/** What stands between code marks in the first column of the tables of a text. */
const listed = (text: string, name: RegExp): readonly string[] =>
  [...text.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word).filter((word) => name.test(word)),
  );

const commandsOf = (command: Command, path: readonly string[]): readonly string[] =>
  command.commands.length === 0
    ? [path.join(' ')]
    : command.commands.flatMap((each) => commandsOf(each, [...path, each.name()]));

interface JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties: JsonSchema;
}

const schema: JsonSchema = JSON.parse(readFileSync('docs/schemas/oriel.schema.json', 'utf8'));

describe('The guide to operations', () => {
  it('names every command, and no other', () => {
    const documented = listed(section('Commands'), /^oriel /);
    expect([...documented].sort()).toEqual([...commandsOf(program(), ['oriel'])].sort());
  });

  it('names every scope of an API key, and no other', () => {
    expect([...listed(section('The API'), /:/)].sort()).toEqual([...API_SCOPES].sort());
  });

  it('names every action of the audit log, and no other', () => {
    expect([...listed(section('The audit log'), /\./)].sort()).toEqual([...AUDIT_ACTIONS].sort());
  });

  it('names every warning of the log', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const events = sources.flatMap((file) =>
      [...readFileSync(join('src', file), 'utf8').matchAll(/\bwarn\(\s*'([a-z-]+)'/g)].map(
        ([, event = '']) => event,
      ),
    );
    const documented = listed(section('The log'), /^[a-z-]+$/);
    expect(events.length).toBeGreaterThan(15);
    expect(events.filter((event) => !documented.includes(event))).toEqual([]);
  });

  it('names every key of the configuration, and no other', () => {
    expect([...listed(section('Settings'), /./)].sort()).toEqual(Object.keys(schema.properties).sort());
  });
});

describe('The guides to embedding and to providers', () => {
  const [, record = ''] = readFileSync('docs/embedding.md', 'utf8').split('## The record of a host\n');
  const [, fields = ''] = readFileSync('docs/providers.md', 'utf8').split('## Fields\n');

  it('name every key of a host’s record', () => {
    const documented = listed(record.split('\n## ')[0] ?? '', /./);
    expect([...documented].sort()).toEqual(
      Object.keys(schema.properties.hosts?.additionalProperties.properties ?? {}).sort(),
    );
  });

  it('name every key of a provider’s record', () => {
    const documented = listed(fields.split('\n### ')[0] ?? '', /./);
    const known = Object.keys(schema.properties.providers?.additionalProperties.properties ?? {});
    expect([...documented, 'preset', 'name'].sort()).toEqual(known.sort());
  });
});
