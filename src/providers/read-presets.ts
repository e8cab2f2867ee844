import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { presetSchema, settledSchema } from './preset-schema.js';

type Written = z.output<typeof presetSchema>;

/** What a preset settles. The administrator's own words win over it, field by field. */
export interface Preset extends Omit<Written, 'record'> {
  readonly name: string;
  readonly fields: z.output<typeof settledSchema>;
}

const FILE = /^([a-z][a-z0-9-]{0,62})\.yaml$/;

class PresetFile {
  readonly name: string;
  readonly #file: string;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines = new LineCounter();

  constructor(folder: string, name: string) {
    this.name = name;
    this.#file = join(folder, `${name}.yaml`);
    this.#document = parseDocument(readFileSync(this.#file, 'utf8'), {
      lineCounter: this.#lines,
      prettyErrors: false,
    });
  }

  written(): Written {
    const { errors } = this.#document;
    if (errors.length > 0)
      throw this.#fault(errors.map(({ pos, message }) => `${this.#line(pos[0])}: ${message}`));
    const parsed = presetSchema.safeParse(this.#document.toJS());
    if (!parsed.success) throw this.mistaken(parsed.error);
    return parsed.data;
  }

  /** The error that says where this file is wrong; `base` is where the value that was checked stands in it. */
  mistaken({ issues }: z.ZodError, base: readonly PropertyKey[] = []): Error {
    return this.#fault(
      issues.map((issue) => {
        const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
        const path = [...base, ...issue.path, ...unknown];
        return `${this.#lineOf(path)}: ${path.map(String).join('.') || 'the file'}: ${issue.message}`;
      }),
    );
  }

  #fault(places: readonly string[]): Error {
    const file = relative(process.cwd(), this.#file);
    return new Error(`A preset is wrong.\n${places.map((place) => `${file}:${place}`).join('\n')}`);
  }

  #line(offset: number): number {
    return this.#lines.linePos(offset).line;
  }

  /** The line of a value, or of the nearest one around it that is written. */
  #lineOf(path: readonly PropertyKey[]): number {
    const node = this.#document.getIn(path, true);
    if (isNode(node) && node.range) return this.#line(node.range[0]);
    return path.length === 0 ? 1 : this.#lineOf(path.slice(0, -1));
  }
}

/**
 * Reads every preset of a folder, in the order they are listed; throws with file and line where one is wrong. The build does this, so
 * that no start has to.
 */
export const readPresets = (folder: string): readonly Preset[] => {
  const read = readdirSync(folder)
    .toSorted()
    .flatMap((entry) => FILE.exec(entry)?.[1] ?? [])
    .map((name) => new PresetFile(folder, name))
    .map((file) => ({ file, written: file.written() }))
    .toSorted((one, other) => one.written.order - other.written.order);
  const [standard, second] = read.filter(({ written }) => written.default);
  if (standard === undefined || second !== undefined)
    throw new Error(`One preset in ${folder} has to say \`default: true\`, and only one.`);
  const { record: usual } = standard.written;
  const settle = ({ file, written: { record, ...rest } }: (typeof read)[number]): Preset => {
    const settled = settledSchema.safeParse({
      ...usual,
      ...record,
      grantTypes: { ...usual.grantTypes, ...record.grantTypes },
    });
    if (!settled.success) throw file.mistaken(settled.error, ['record']);
    return { ...rest, name: file.name, fields: settled.data };
  };
  return read.map(settle);
};
