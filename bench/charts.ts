import type { Compared } from './compare.js';
import type { Profiled } from './profile.js';
import type { SimulatedDay } from './simulation.js';

/** Both for light and dark, as the page is read. Colors are of equal weight in both and can be told apart by people who see few. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #59636e; }
  .line { stroke: #d1d9e0; }
  .mark { stroke: #1f2328; stroke-width: 2; }
  .a { fill: #0969da; } .b { fill: #bc4c00; } .c { fill: #1a7f37; } .d { fill: #8250df; } .e { fill: #9a6700; } .f { fill: #59636e; } .g { fill: #cf222e; }
  .sa { stroke: #0969da; } .sb { stroke: #bc4c00; } .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .on { fill: #fff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .line { stroke: #3d444d; }
    .mark { stroke: #f0f6fc; }
    .a { fill: #4493f8; } .b { fill: #f0883e; } .c { fill: #3fb950; } .d { fill: #ab7df8; } .e { fill: #d29922; } .f { fill: #9198a1; } .g { fill: #f85149; }
    .sa { stroke: #4493f8; } .sb { stroke: #f0883e; }
    .on { fill: #0d1117; }
  }`;

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 60;
const COLORS = ['a', 'b', 'c', 'd', 'e', 'g', 'f'] as const;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const round = (value: number): number => Math.round(value * 10) / 10;

const text = (x: number, y: number, words: string, style = '', anchor = 'start'): string =>
  `<text x="${round(x)}" y="${round(y)}" class="${style}" text-anchor="${anchor}">${escaped(words)}</text>`;

const bar = (x: number, y: number, width: number, height: number, style: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${height}" rx="2" class="${style}"/>`;

const line = (x1: number, y1: number, x2: number, y2: number, style = 'line'): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${style}"/>`;

const picture = (title: string, height: number, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    text(0, 18, title, 'title'),
    ...parts,
    '</svg>\n',
  ].join('\n');

const isPeer = ({ name }: Compared): boolean => /, (Express|Fastify)$/.test(name);

/** How each row compares with its floor, what was promised, and how far rounds were apart. */
export const ratioChart = (compared: readonly Compared[]): string => {
  const rows = compared.filter((row) => !isPeer(row));
  const most = Math.max(2, ...rows.map(({ ratio, atLeast }) => Math.max(ratio, atLeast)));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const height = 60 + rows.length * 30;
  const parts = rows.flatMap(({ name, ratio, atLeast, holds }, index) => {
    const y = 40 + index * 30;
    return [
      text(LEFT - 10, y + 14, name, '', 'end'),
      bar(LEFT, y, ratio * scale, 18, holds ? 'a' : 'b'),
      line(LEFT + atLeast * scale, y - 3, LEFT + atLeast * scale, y + 21, 'mark'),
      text(LEFT + Math.max(ratio, atLeast) * scale + 8, y + 14, ratio.toFixed(2)),
    ];
  });
  return picture('Processor time, floor ÷ ours: the mark is the promise, orange falls short', height, [
    ...parts,
    line(LEFT, 36, LEFT, height - 20),
  ]);
};

/** The same gadget by hand: how many times our processor time the peers take. */
export const peerChart = (compared: readonly Compared[]): string => {
  const peers = compared.filter(isPeer);
  const rows = [...new Set(peers.map(({ name }) => name.replace(/, \w+$/, '')))];
  const most = Math.max(2, ...peers.map(({ ratio }) => ratio));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const height = 90 + rows.length * 52;
  const parts = rows.flatMap((row, index) => {
    const y = 64 + index * 52;
    const bars = peers
      .filter(({ name }) => name.replace(/, \w+$/, '') === row)
      .flatMap(({ name, ratio }, place) => [
        bar(LEFT, y + place * 20, ratio * scale, 16, name.endsWith('Express') ? 'b' : 'c'),
        text(LEFT + Math.max(ratio, 1) * scale + 8, y + place * 20 + 13, ratio.toFixed(2)),
      ]);
    return [text(LEFT - 10, y + 23, row, '', 'end'), ...bars];
  });
  return picture('The same gadget by hand: times the processor time that Oriel takes', height, [
    ...[bar(LEFT, 34, 12, 12, 'b'), text(LEFT + 18, 45, 'Express'), bar(LEFT + 90, 34, 12, 12, 'c')],
    ...[text(LEFT + 108, 45, 'Fastify'), line(LEFT + 190, 33, LEFT + 190, 47, 'mark')],
    ...[text(LEFT + 198, 45, 'Oriel'), ...parts, line(LEFT + scale, 56, LEFT + scale, height - 24, 'mark')],
  ]);
};

/** So many places are shown by name; the others are added up. */
const NAMED = 6;

/** Where the time of the hottest paths goes. */
export const profileChart = (profiled: readonly Profiled[]): string => {
  const width = WIDTH - 20;
  const block = 126;
  const parts = profiled.flatMap(({ name, shares }, index) => {
    const y = 48 + index * block;
    const named = shares.slice(0, NAMED);
    const rest = 1 - named.reduce((sum, { share }) => sum + share, 0);
    let x = 0;
    return [
      text(0, y, name, 'title'),
      ...[...named, { place: 'everything else', share: rest }].flatMap(({ place, share }, turn) => {
        const from = x;
        x += share * width;
        const column = turn % 3;
        const below = y + 52 + Math.floor(turn / 3) * 20;
        const label = `${place} ${(share * 100).toFixed(0)} %`;
        // The seventh stands beside the sixth's line: three to a line, and the last alone to the right.
        const at = turn === NAMED ? { x: 0, y: y + 92 } : { x: column * 250, y: below };
        return [
          bar(from, y + 8, x - from - 2, 22, COLORS[turn] ?? 'f'),
          bar(at.x, at.y - 10, 10, 10, COLORS[turn] ?? 'f'),
          text(at.x + 16, at.y, label, 'quiet'),
        ];
      }),
    ];
  });
  return picture('Where the processor time of the hottest paths goes', 48 + profiled.length * block, parts);
};

const hourOf = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:00`;
const FROM = 7 * 60;
const TO = 19 * 60;

/** A working day of ten million viewers: launches and refreshes in each second. */
export const dayChart = (day: SimulatedDay): string => {
  const [top, bottom, left] = [60, 300, 60];
  const shown = day.minutes.slice(FROM, TO);
  const most = Math.max(...shown.map(({ launches }) => launches));
  const step = 10 ** Math.floor(Math.log10(most));
  const x = (minute: number): number => left + ((minute - FROM) / (TO - FROM)) * (WIDTH - left - 30);
  const y = (rate: number): number => bottom - (rate / most) * (bottom - top);
  const curve = (what: 'launches' | 'refreshes', style: string): string =>
    `<path class="curve ${style}" d="${shown
      .map((rates, index) => `${index === 0 ? 'M' : 'L'}${round(x(FROM + index))} ${round(y(rates[what]))}`)
      .join('')}"/>`;
  const grid: string[] = [];
  for (let rate = 0; rate <= most; rate += step)
    grid.push(
      line(left, y(rate), WIDTH - 30, y(rate)),
      text(left - 8, y(rate) + 4, rate.toLocaleString('en'), 'quiet', 'end'),
    );
  for (let minute = FROM; minute <= TO; minute += 120)
    grid.push(text(x(minute), bottom + 22, hourOf(minute), 'quiet', 'middle'));
  return picture('Ten million viewers on a working day, simulated: what happens in a second', bottom + 40, [
    ...[bar(left, 32, 12, 12, 'a'), text(left + 18, 43, 'launches'), bar(left + 110, 32, 12, 12, 'b')],
    ...[
      text(left + 128, 43, 'refreshes of tokens'),
      ...grid,
      curve('launches', 'sa'),
      curve('refreshes', 'sb'),
    ],
  ]);
};
