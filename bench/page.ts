import { frameData, httpFrame } from '../test/support/http-viewer.js';
import type { Bench } from './bench.js';
import type { Checked } from './checked.js';
import { connected } from './gather.js';

export const PAGE_PROMISE = 'twenty gadgets on one page';

const FRAMES = 20;
/** Ten of each gadget show a project's cards in one of five orders, each of them twice: most of what they ask is the same. */
const GADGETS = ['mingle-cards', 'crowd-cards'] as const;
const ORDERS = ['Number DESC', 'Number ASC', 'Name ASC', 'Type ASC', "'Modified on' DESC"] as const;

/** What they ask that is distinct: each gadget the project's properties, and its cards in each order. No gadget is given what another asked for. */
const DISTINCT = GADGETS.length * (1 + ORDERS.length);

/** One person opens a page with twenty frames, and all of them launch at the same moment. */
export const checkPage = (bench: Bench): Promise<readonly Checked[]> =>
  bench.within(async (setting) => {
    const server = await bench.start(setting);
    try {
      await connected(setting, 'mingle-cards', 'page');
      const frame = httpFrame(setting);
      const before = new Map(bench.provider.paths);
      const pages = await Promise.all(
        Array.from({ length: FRAMES }, async (_, index) => {
          const gadget = GADGETS[index % GADGETS.length] ?? '';
          const sort = ORDERS[(index >> 1) % ORDERS.length] ?? '';
          const form = { token: setting.token('page'), 'p.project': 'page', 'p.sort': sort };
          return frameData((await frame.launch('bench', gadget, form)).text);
        }),
      );
      const states = await Promise.all(
        pages.map(async ({ bearer }) => {
          const { status, headers } = await frame.content(bearer);
          return status === 200 ? headers['x-oriel-state'] : status;
        }),
      );
      const shown = states.filter((state) => state === 'content').length;
      const calls = [...bench.provider.paths].reduce(
        (sum, [path, count]) => sum + count - (before.get(path) ?? 0),
        0,
      );
      return [
        {
          name: PAGE_PROMISE,
          measured: `${calls} calls for ${DISTINCT} distinct requests, ${shown} frames show content`,
          promised: 'one call for each distinct request, all show content',
          holds: shown === FRAMES && calls === DISTINCT,
          figures: { calls, distinct: DISTINCT, shown },
        },
      ];
    } finally {
      await server.stop();
    }
  });
