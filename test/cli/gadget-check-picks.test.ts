import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFolder } from './command-line.js';
import { commandsIn } from './in-process.js';

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: {} });
afterAll(() => folder.remove());

const definitionWith = (pick: string): string => `title: Builds
description: The builds of a project.
parameters:
  project: { title: Project, type: identifier, required: true }
requests:
  builds:
    provider: ci
    path: /projects/{project}/builds
    format: json
    pick: ${pick}
`;

let made = 0;
/** What is printed of a gadget with this `pick`, and this as what the sample has of its answer. */
const checked = async (pick: string, data: unknown): Promise<{ code: number | null; out: string }> => {
  made += 1;
  const files = {
    'gadget.yaml': definitionWith(pick),
    'view.njk': '{{ answers.builds.data | length }}\n',
    'sample.json': JSON.stringify({
      parameters: { project: 'apollo' },
      answers: { builds: { data, fetchedAt: 0, stale: false, pages: 1, more: false } },
    }),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, `builds-${made}`, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { code, out, err } = await run('gadget', 'check', `builds-${made}`);
  return { code, out: out + err };
};

describe('oriel gadget check, on the `pick` of a request', () => {
  it('refuses what is no path of this language', async () => {
    const wrong =
      /gadget\.yaml:10:5: this is no path of keys joined by dots, which goes through lists by itself\./;
    for (const pick of ['$.result', 'items[0]', 'items[*].name', 'a..b', '.items', '"a b"']) {
      const { code, out } = await checked(pick, []);
      expect(out, pick).toMatch(wrong);
      expect(code, pick).toBe(1);
    }
    for (const pick of ['result.items', '"@odata"', '$values', 'a-b.c_d'])
      expect((await checked(pick, [])).code, pick).toBe(0);
  });

  it('warns of one that finds nothing in any sample, or was misspelt when they were written', async () => {
    const warned = async (pick: string, data: unknown): Promise<string> => {
      const { code, out } = await checked(pick, data);
      expect(code).toBe(0);
      return out;
    };
    expect(await warned('result.items', [{ name: 'Build' }])).not.toContain('Warning');
    expect(await warned('result', { name: 'Build' })).not.toContain('Warning');
    expect(await warned('result.items', null)).toMatch(
      /gadget\.yaml:10:5: "pick" finds nothing in any sample of "builds"\./,
    );
    const whole = { result: { items: [{ name: 'Build' }], total: 1 } };
    expect(await warned('result.itmes', whole)).toMatch(
      /gadget\.yaml:10:18: no sample has "itmes" in builds\.result\.[\s\S]*write: {4}items/,
    );
    expect(await warned('reslt.items', whole)).toMatch(
      /gadget\.yaml:10:11: no sample has "reslt" in builds\./,
    );
  });
});
