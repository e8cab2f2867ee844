import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { TestCluster } from '../test/chaos/test-cluster.js';
import { frameData, HttpBrowser, httpFrame, redirectOf } from '../test/support/http-viewer.js';
import type { Checked } from './checked.js';

export const STORM_PROMISE = 'refresh storm';

const PROCESSES = 4;
/** Frames of one person, each of which is shown by every process. */
const FRAMES = 250;
/** Seconds that the first access token works: it must have run out when the storm starts. */
const SHORT = 2;
const LONG = 3600;
const PERSON = 'storm';

/** Asks one process for one frame's content until it is there; returns the state that it ended in. */
const stateOf = async (pool: Pool, host: string, bearer: string): Promise<string> => {
  for (;;) {
    const { statusCode, headers, body } = await pool.request({
      ...{ method: 'GET', path: '/frame/content' },
      headers: { host, authorization: `Bearer ${bearer}` },
    });
    await body.dump();
    if (statusCode !== 202) return statusCode === 200 ? String(headers['x-oriel-state']) : String(statusCode);
    await pause(20);
  }
};

/** Four processes on one PostgreSQL render a person's frames at the same moment, when their token has just run out. */
export const checkStorm = async (): Promise<readonly Checked[]> => {
  const servers = new TestCluster();
  try {
    await servers.start(PROCESSES);
    const frame = httpFrame(servers, new HttpBrowser());
    const bearers: string[] = [];
    // Before the person is connected: nothing is asked of the provider yet.
    for (let n = 0; n < FRAMES; n += 1) {
      const page = await frame.launch('page', 'mine', {
        token: await servers.token(PERSON),
        'p.n': String(n),
      });
      bearers.push(frameData(page.text).bearer);
    }
    servers.provider.life = SHORT;
    const status = await frame.connect(bearers[0] ?? '', 'strict', async (address, browser) => {
      const authorize = new URL(address);
      authorize.searchParams.set('as', PERSON);
      return redirectOf(await browser.send(authorize.href), address);
    });
    if (status !== 'active') throw new Error(`the flow ended as ${status}`);
    servers.provider.life = LONG;
    await pause(SHORT * 1000 + 100);
    const { refreshes: before } = servers.provider;
    const host = new URL(servers.gadgetOrigin).host;
    const started = performance.now();
    const states = await Promise.all(
      servers.ports.map(async (port) => {
        const pool = new Pool(`http://127.0.0.1:${port}`, { connections: FRAMES });
        const shown = await Promise.all(bearers.map((bearer) => stateOf(pool, host, bearer)));
        await pool.close();
        return shown;
      }),
    );
    const ms = performance.now() - started;
    const errors = states.flat().filter((state) => state !== 'content');
    const refreshes = servers.provider.refreshes - before;
    const { length: reused } = servers.provider.reused;
    const renderings = states.flat().length;
    return [
      {
        name: STORM_PROMISE,
        measured: `${refreshes} refresh${refreshes === 1 ? '' : 'es'}, ${errors.length} errors in ${renderings} renderings by ${PROCESSES} processes`,
        promised: '1 refresh, 0 errors',
        holds: refreshes === 1 && errors.length === 0 && reused === 0,
        figures: { refreshes, errors: errors.length, reused, renderings, ms },
      },
    ];
  } finally {
    await servers.close();
  }
};
