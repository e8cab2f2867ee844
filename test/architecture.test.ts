import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { afterAll, describe, expect, it } from 'vitest';
import rules from '../.dependency-cruiser.mjs';

const planted: Readonly<Record<string, string>> = {
  'src/domain/word.ts': "import { page } from '../web/page.js';\nexport const word = page;\n",
  'src/web/page.ts': "import { list } from '../admin/people/list.js';\nexport const page = list;\n",
  'src/admin/people/list.ts':
    "import { respond } from '../../web/respond.js';\nexport const list = respond;\n",
  'src/web/respond.ts': 'export const respond = () => null;\n',
  'src/admin/people/commands.ts': 'export const command = 1;\n',
  'src/admin/people/pages.ts': "import { command } from './commands.js';\nexport const pages = command;\n",
  'src/store/row.ts': "import { call } from '../net/call.js';\nexport const row = call;\n",
  'src/net/call.ts': "import { other } from './other.js';\nexport const call = () => other;\n",
  'src/net/other.ts': "import { call } from './call.js';\nexport const other = () => call;\n",
  'src/hosts/ask.ts': "import { request } from 'undici';\nexport const ask = request;\n",
  'src/hosts/send.ts': "import { request } from 'node:http';\nexport const send = request;\n",
  'src/net/unguarded-request.ts': 'export const unguarded = 1;\n',
  'src/providers/unguarded.ts':
    "import { unguarded } from '../net/unguarded-request.js';\nexport const asked = unguarded;\n",
  'src/connect/query.ts': "import pg from 'pg';\nexport const query = pg;\n",
  'src/render/show.ts':
    "import Koa from 'koa';\nimport nunjucks from 'nunjucks';\nexport const show = [Koa, nunjucks];\n",
  'src/gadgets/named.ts':
    "import type { Token } from '../hosts/token.js';\nexport const named = (token: Token) => token;\n",
  'src/hosts/token.ts': 'export interface Token {\n  readonly id: string;\n}\n',
  'src/browser/button.ts': "import { respond } from '../web/respond.js';\nexport const button = respond;\n",
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
    const found = new Set(
      output.summary.violations.map(({ rule, from }) => `${rule.name} ${from.replace('src/', '')}`),
    );
    for (const fault of [
      'domain-imports-downwards domain/word.ts',
      'web-imports-downwards web/page.ts',
      'admin-imports-downwards admin/people/pages.ts',
      'use-cases-know-no-web admin/people/list.ts',
      'store-knows-neighbours-by-type store/row.ts',
      'outgoing-http-in-one-place hosts/ask.ts',
      'node-http-in-few-places hosts/send.ts',
      'unguarded-in-verify-alone providers/unguarded.ts',
      'sql-in-one-place connect/query.ts',
      'koa-in-one-place render/show.ts',
      'nunjucks-in-one-place render/show.ts',
      'browser-knows-nothing-of-the-server browser/button.ts',
    ])
      expect([...found]).toContain(fault);
    expect([...found].filter((fault) => fault.startsWith('no-circular'))).not.toEqual([]);
    // A neighbour's type may be named.
    expect([...found].filter((fault) => fault.endsWith('gadgets/named.ts'))).toEqual([]);
  });
});
