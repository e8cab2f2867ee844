import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../cli/command-line.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

/** Ann sees the cards of apollo; Bob may not. */
const STATES = { ann: 'content', bob: 'no-access' } as const;
const PEOPLE = ['ann', 'bob'] as const;

let whole: Whole;
let address: string;
let scraped: string;

/** The samples of a scrape: each by its name and labels, as it is written. */
const samples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );

/** What a metric comes to over all samples whose labels hold these words. */
const sum = (name: string, ...labels: readonly string[]): number =>
  [...samples(scraped)]
    .filter(([key]) => key.replace(/\{.*/, '') === name && labels.every((label) => key.includes(label)))
    .reduce((all, [, value]) => all + value, 0);

beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  whole = await startWhole({ config: { metrics: { listen: { port } } } });
  for (const person of PEOPLE) {
    const frame = httpFrame(whole);
    const { text } = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token(person)));
    const { bearer } = frameData(text);
    expect(await frame.connect(bearer, 'mingle', mingleConsent(person))).toBe('active');
    for (const _ of [1, 2]) {
      const shown = await frame.content(bearer);
      expect(shown.text).toContain(`data-oriel-state="${STATES[person]}"`);
    }
  }
  const answer = await fetch(`${address}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  scraped = await answer.text();
}, 90_000);
afterAll(() => whole.close());

describe('What Prometheus reads', () => {
  it('counts renderings, where they came from, launches, consents and calls', () => {
    expect(sum('oriel_renderings_total', 'gadget="mingle-cards"', 'state="connect"')).toBe(2);
    expect(sum('oriel_renderings_total', 'gadget="mingle-cards"', 'state="content"')).toBe(2);
    expect(sum('oriel_renderings_total', 'gadget="mingle-cards"', 'state="no-access"')).toBe(2);
    expect(sum('oriel_renderings_from_memory_total')).toBe(1);
    expect(sum('oriel_render_duration_seconds_count', 'gadget="mingle-cards"')).toBe(5);
    expect(sum('oriel_launch_duration_seconds_count', 'status="2xx"')).toBe(2);
    expect(sum('oriel_request_duration_seconds_count', 'route="/frame/content"', 'status="2xx"')).toBe(4);
    expect(sum('oriel_flows_total', 'provider="mingle"', 'outcome="started"')).toBe(2);
    expect(sum('oriel_flows_total', 'provider="mingle"', 'outcome="connected"')).toBe(2);
    const calls = whole.mingle.exchanges.filter(({ url }) => url.startsWith('/api/')).length;
    expect(sum('oriel_upstream_calls_total', 'provider="mingle"')).toBe(calls);
    expect(sum('oriel_upstream_calls_total', 'outcome="ok"', 'status="2xx"')).toBeGreaterThan(0);
    expect(sum('oriel_upstream_calls_total', 'outcome="refused"', 'status="4xx"')).toBeGreaterThan(0);
    expect(sum('oriel_upstream_duration_seconds_count', 'provider="mingle"')).toBe(calls);
    expect(sum('oriel_answers_total', 'provider="mingle"', 'source="provider"')).toBeGreaterThan(0);
    expect(sum('oriel_log_events_total', 'event="connected"', 'level="info"')).toBe(2);
  });

  it('has the process, its event loop and what runs', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(sum('oriel_build_info', `version="${version}"`, `node="${process.version}"`)).toBe(1);
    expect(samples(scraped).has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    expect(samples(scraped).has('process_resident_memory_bytes')).toBe(true);
  });

  it('names no viewer, no path with a value in it, and no secret', async () => {
    const bearers = whole.oriel.exchanges.flatMap(({ requestHeaders }) =>
      requestHeaders.filter((value) => value.startsWith('Bearer ')).map((value) => value.slice(7)),
    );
    expect(bearers.length).toBeGreaterThan(4);
    const secret = [...Object.values(whole.secrets), ...bearers];
    for (const word of [...PEOPLE, ...secret]) expect(scraped).not.toContain(word);
    const routes = [...scraped.matchAll(/route="([^"]*)"/g)].map(([, route]) => route);
    expect(routes).toContain('/h/:host/g/:gadget');
    for (const route of routes) expect(route).not.toMatch(/gocd|mingle-cards|[\w-]{20}/);
  });

  it('keeps every request without a route, and every unusual method, under one label each', async () => {
    const methods = ['PROPFIND', 'MKCOL', 'LOCK', 'SEARCH', 'PURGE'];
    for (const method of methods) await fetch(`${whole.gadgetOrigin}/nothing-${method}`, { method });
    const text = await (await fetch(`${address}/metrics`)).text();
    expect(text).toContain('oriel_request_duration_seconds_count{route="-",method="other",status="4xx"} 5');
    for (const method of methods) expect(text).not.toContain(method);
  });

  it('is on a port of its own, which answers nothing else', async () => {
    expect((await fetch(`${whole.gadgetOrigin}/metrics`)).status).toBe(404);
    expect((await fetch(`${address}/frame/content`)).status).toBe(404);
    expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it.each(['deploy/grafana/oriel.json', 'deploy/prometheus/alerts.yaml', 'docs/monitoring.md'])(
    'has every metric that %s asks for',
    (file) => {
      const known = new Set([...scraped.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      const text = readFileSync(file, 'utf8');
      const asked = [...text.matchAll(/\b(?:oriel|nodejs|process)_[a-z_0-9]+/g)].map(([name]) => name);
      expect(asked.length).toBeGreaterThan(5);
      const missing = asked.filter(
        (name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')),
      );
      expect(missing).toEqual([]);
    },
  );

  it('has a dashboard and alerts that can be read', () => {
    const board = JSON.parse(readFileSync('deploy/grafana/oriel.json', 'utf8')) as {
      panels: { title: string; targets?: { expr: string }[] }[];
    };
    for (const { targets } of board.panels.filter(({ targets: any }) => any !== undefined))
      for (const { expr } of targets ?? []) expect(expr).toMatch(/^[^{}]*(\{[^{}]*\}[^{}]*)*$/);
    const { groups } = parse(readFileSync('deploy/prometheus/alerts.yaml', 'utf8')) as {
      groups: { rules: { alert: string; annotations: { summary: string; description: string } }[] }[];
    };
    const documented = readFileSync('docs/monitoring.md', 'utf8');
    for (const { alert } of groups.flatMap(({ rules }) => rules))
      expect(documented).toContain(`\`${alert}\``);
  });
});

describe('Prometheus itself', () => {
  const hasTool = spawnSync('promtool', ['--version']).status === 0;

  it('reads the alerts, and finds nothing wrong with our metrics', ({ skip }) => {
    if (!hasTool) skip('there is no promtool here');
    const rules = spawnSync('promtool', ['check', 'rules', 'deploy/prometheus/alerts.yaml'], {
      encoding: 'utf8',
    });
    expect(rules.status, rules.stdout + rules.stderr).toBe(0);
    const metrics = spawnSync('promtool', ['check', 'metrics'], { input: scraped, encoding: 'utf8' });
    // What Node's own metrics are called is not ours to say.
    const about = `${metrics.stdout}${metrics.stderr}`.split('\n').filter((line) => line.startsWith('oriel'));
    expect(about).toEqual([]);
  });

  it('raises the alerts at the first event, and when no one can connect', ({ skip }) => {
    if (!hasTool) skip('there is no promtool here');
    const tests = spawnSync('promtool', ['test', 'rules', 'deploy/prometheus/alerts.test.yaml'], {
      encoding: 'utf8',
    });
    expect(tests.status, tests.stdout + tests.stderr).toBe(0);
  });
});
