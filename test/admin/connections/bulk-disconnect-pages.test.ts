import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBulkDisconnect } from '../../../src/admin/connections/bulk-disconnects.js';
import { continueBulkDisconnects as goOn } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import type { Leaver } from '../../../src/domain/bulk-disconnect.js';
import { alice, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import type { HttpBrowser } from '../../support/http-viewer.js';
import { someRecords, withRecords } from '../admin-setup.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

const by = { kind: 'admin', id: 'a', name: 'ann <root>' } as const;

describe('The pages of bulk disconnects', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    const records = someRecords();
    app = await startConsole({
      deps: (ports) => withRecords(ports, records),
    });
    await app.admin('ann');
    browser = (await app.signedIn('ann')).browser;
  });
  afterEach(() => app.close());

  const page = async (path: string) => app.page(browser, `/admin/bulk-disconnects${path}`);
  const begin = (leaver: Leaver) => startBulkDisconnect(app.ports, leaver, by);

  it('show the progress of one, refresh without script, and report it to the page’s script', async () => {
    await stepsOf(app).connect('ada');
    await stepsOf(app).connect('bo', 'github', bob);
    app.server.revocation = 'failed';
    const { id } = await begin({ kind: 'host', host: 'gocd' });
    await goOn(app.ports);
    const { text } = await page(`/${id}`);
    expect(text).toMatch(/<progress value="0" max="100"/);
    expect(text).toContain(`data-oriel-bulk-disconnect="/admin/bulk-disconnects/${id}/progress"`);
    expect(text).toContain('<noscript><meta http-equiv="refresh"');
    expect(text).toContain('ann &lt;root&gt;');
    const progress = await page(`/${id}/progress`);
    expect(JSON.parse(progress.text)).toEqual({
      ...{ percent: 0, revoked: 0, asked: 0, nothing: 0, unrevoked: 0, left: 2, finished: false },
    });
    expect(progress.headers['cache-control']).toBe('private, no-store');
  });

  it('say in the end what became of the permissions, and do not look again', async () => {
    await stepsOf(app).connect('ada');
    await stepsOf(app).connect('ada', 'mingle');
    const { id } = await begin({ kind: 'connections', provider: null, host: 'gocd' });
    await goOn(app.ports);
    const { text } = await page(`/${id}`);
    expect(text).toContain('The viewer can delete the permission');
    expect(text).not.toContain('http-equiv');
    expect(text).not.toContain('data-oriel-bulk-disconnect');
    expect(JSON.parse((await page(`/${id}/progress`)).text)).toMatchObject({
      ...{ percent: 100, revoked: 1, asked: 0, nothing: 0, unrevoked: 1, left: 0, finished: true },
    });
  });

  it('never name a person who left', async () => {
    await stepsOf(app).connect('ada');
    const { id } = await begin({ kind: 'viewer', host: 'gocd', viewer: alice });
    for (const path of ['', `/${id}`, `/${id}/progress`])
      expect((await page(path)).text).not.toContain('alice');
  });

  it('know no other address', async () => {
    expect((await page('/nothing')).status).toBe(404);
    expect((await page('/nothing/progress')).text).toContain('bulk_disconnect_unknown');
  });
});
