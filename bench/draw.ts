import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayChart, peerChart, profileChart, ratioChart } from './charts.js';
import type { Compared } from './compare.js';
import { planFor } from './plan.js';
import type { Profiled } from './profile.js';

/** What `--json` printed, of one run or of several, of rows alone or of profiles. */
interface Printed {
  readonly compared?: readonly Compared[];
  readonly profiled?: readonly Profiled[];
}

const MANY = 10_000_000;

/** Draws the pictures of docs/performance.md and docs/scaling.md from what these files hold; a row that several of them have is that of the last. */
export const drawCharts = (root: string, files: readonly string[]): readonly string[] => {
  const compared = new Map<string, Compared>();
  const profiled = new Map<string, Profiled>();
  for (const file of files) {
    const printed = JSON.parse(readFileSync(file, 'utf8')) as Printed;
    for (const row of printed.compared ?? []) compared.set(row.name, row);
    for (const row of printed.profiled ?? []) profiled.set(row.name, row);
  }
  const rows = [...compared.values()];
  const pictures: Readonly<Record<string, string | null>> = {
    'bench-ratios.svg': rows.length > 0 ? ratioChart(rows) : null,
    'bench-peers.svg': rows.some(({ name }) => name.endsWith('Fastify')) ? peerChart(rows) : null,
    'bench-profiles.svg': profiled.size > 0 ? profileChart([...profiled.values()]) : null,
    'bench-day.svg': dayChart(planFor(MANY).day),
  };
  return Object.entries(pictures).flatMap(([name, svg]) => {
    if (svg === null) return [];
    writeFileSync(join(root, 'docs', 'images', name), svg);
    return [name];
  });
};
