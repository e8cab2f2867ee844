import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestServer } from '../../support/test-server.js';

it('limits on API keys count for all servers on one database together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-limits-'));
  const database = `sqlite:${join(folder, 'oriel.db')}`;
  const apiLimit = { perKey: 600, badKeys: 60 };
  const servers = [
    await createTestServer({ database }, { bundled: false, apiLimit }),
    await createTestServer({ database }, { bundled: false, apiLimit }),
  ];
  const ask = async (n: number): Promise<number> => {
    const { siteOrigin } = servers[n % 2] ?? { siteOrigin: '' };
    const headers = { authorization: `Bearer oriel_${'x'.repeat(43)}` };
    return (await fetch(`${siteOrigin}/api/admin/v1/providers`, { headers })).status;
  };
  const first: number[] = [];
  for (let n = 0; n < 80; n += 1) first.push(await ask(n));
  expect(first.filter((status) => status === 401)).toHaveLength(60);
  expect(first.slice(-16)).toEqual(Array(16).fill(429));
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});
