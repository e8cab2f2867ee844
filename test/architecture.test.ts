import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { afterAll, describe, expect, it } from 'vitest';
import rules from '../.dependency-cruiser.mjs';

const planted: Readonly<Record<string, string>> = {
  'src/domain/word.ts': "import { page } from '../http/page.js';\nexport const word = page;\n",
  'src/http/page.ts': "import { row } from '../store/row.js';\nexport const page = row;\n",
  'src/store/row.ts': "import { read } from '../upstream/read.js';\nexport const row = read;\n",
  'src/upstream/read.ts': "import { other } from './other.js';\nexport const read = () => other;\n",
  'src/upstream/other.ts': "import { read } from './read.js';\nexport const other = () => read;\n",
  'src/render/show.ts': "import { readFileSync } from 'node:fs';\nexport const show = readFileSync;\n",
};

const folder = mkdtempSync(join(tmpdir(), 'planted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the architecture', () => {
  it('is checked on the real tree, and the check sees it', () => {
    const said = execFileSync(process.execPath, ['.check-structure.mjs'], { encoding: 'utf8' });
    expect(Number(/(\d+) modules/.exec(said)?.[1])).toBeGreaterThan(60);
  });

  it('turns red for each planted violation', async () => {
    for (const [path, text] of Object.entries(planted)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { output } = await cruise(['src'], {
      ...rules.options,
      baseDir: folder,
      tsConfig: {},
      ruleSet: { forbidden: rules.forbidden },
      validate: true,
    });
    if (typeof output === 'string') throw new Error('expected a cruise result');
    const found = new Set(output.summary.violations.map(({ rule }) => rule.name));
    for (const name of [
      'domain-knows-nobody',
      'web-reaches-no-door',
      'doors-know-the-domain',
      'no-circular',
      'stories-do-no-io',
    ])
      expect([...found]).toContain(name);
  });
});
