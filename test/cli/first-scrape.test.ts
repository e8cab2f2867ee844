import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { MISPLACED } from '../../src/domain/misplaced.js';
import { freePort, KEY, loopback, openFolder, start } from './command-line.js';
import { commandsIn } from './in-process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = openFolder();
const env = { ORIEL_KEY: KEY };
const run = commandsIn({ cwd: folder.path, env });
afterAll(() => folder.remove());

/** A server with one gadget of its own, which has a mistake. */
const serve = async (workers: number) => {
  const name = `with-${workers}`;
  mkdirSync(join(folder.path, name, 'unended'), { recursive: true });
  for (const [file, text] of [
    ['gadget.yaml', 'title: Unended\ndescription: What there is.\n'],
    ['view.njk', '{% if %}'],
  ] as const)
    writeFileSync(join(folder.path, name, 'unended', file), text);
  const metrics = await freePort();
  const data = loopback(await freePort());
  const write = (providers: object): string =>
    folder.write(`${name}.yaml`, {
      ...{ ...data, providers, workers, gadgets: [`./${name}`], database: `sqlite:./${name}.db` },
      metrics: { listen: { port: metrics } },
    });
  const file = write(data.providers);
  const server = start(['serve', '--config', file], { cwd: folder.path, env });
  await server.saying(workers === 1 ? '"msg":"ready"' : '"event":"workers-serving"');
  return {
    async stop(): Promise<void> {
      server.child.kill('SIGTERM');
      await server.ended;
    },
    scrape: async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text(),
    add: async (id: string): Promise<void> => {
      const { mingle } = data.providers;
      write({ ...data.providers, [id]: { ...mingle, url: 'http://localhost:3' } });
      // It reports the gadget with mistakes, and takes the rest.
      expect((await run('reload', '--config', file)).out).toContain('unended');
    },
  };
};

/** The series of a metric by their labels, and their values. */
const seriesOf = (scraped: string, metric: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...scraped.matchAll(new RegExp(`^${metric}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(
      ([, labels = '', value]) => [labels, Number(value)],
    ),
  );

const flows = (provider: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    ['started', 'connected', 'failed', 'refused', 'ended', 'cancelled', 'expired', 'superseded'].map(
      (outcome) => [`provider="${provider}",outcome="${outcome}"`, 0],
    ),
  );

describe.each([1, 2])('The first scrape of a server with %i worker(s)', (workers) => {
  let server: Awaited<ReturnType<typeof serve>>;
  let first: string;
  beforeAll(async () => {
    server = await serve(workers);
    first = await server.scrape();
  });
  afterAll(() => server.stop());

  it('has with 0 whatever an alert counts, also of a provider that a reload brings', async () => {
    const { add, scrape } = server;
    expect(seriesOf(first, 'oriel_misplaced_total')).toEqual(
      Object.fromEntries(MISPLACED.map((what) => [`what="${what}",outcome="refused"`, 0])),
    );
    const { groups } = parse(readFileSync('deploy/prometheus/alerts.yaml', 'utf8')) as {
      groups: { rules: { expr: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules.map(({ expr }) => expr)).join('\n');
    const events = [...new Set([...rules.matchAll(/event="([a-z-]+)"/g)].map(([, event = '']) => event))];
    expect(events).toHaveLength(3);
    const logged = seriesOf(first, 'oriel_log_events_total');
    for (const event of events)
      expect(Object.entries(logged).filter(([labels]) => labels.startsWith(`event="${event}"`))).toEqual([
        [expect.any(String), 0],
      ]);
    expect(seriesOf(first, 'oriel_flows_total')).toEqual(flows('mingle'));
    expect(seriesOf(first, 'oriel_refreshes_total')).toEqual({
      'provider="mingle",outcome="ok"': 0,
      'provider="mingle",outcome="failed"': 0,
    });
    expect(seriesOf(first, 'oriel_upstream_calls_total')).toMatchObject({
      'provider="mingle",outcome="down",status="none"': 0,
      'provider="mingle",outcome="rate-limited",status="4xx"': 0,
    });
    expect(seriesOf(first, 'oriel_renderings_total')).toMatchObject({
      'gadget="mingle-cards",state="misconfigured"': 0,
    });
    await add('other');
    await expect
      .poll(async () => seriesOf(await scrape(), 'oriel_flows_total'), { timeout: 30_000 })
      .toEqual({ ...flows('mingle'), ...flows('other') });
  });

  it('counts a gadget with mistakes once', () => {
    expect(seriesOf(first, 'oriel_gadgets_faulty')).toEqual({ '': 1 });
  });
});
