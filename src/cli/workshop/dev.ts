import { once } from 'node:events';
import type { Gadget } from '../../domain/gadget.js';
import { systemClock, systemEntropy } from '../../server/node-system.js';
import { HttpServer } from '../../web/listening.js';
import { loadAssets } from '../../web/load-assets.js';
import { workshopApp } from '../../web/workshop/workshop-app.js';
import { LiveGadget } from './live-gadget.js';
import { asMyself, type OwnAccount } from './own-account.js';
import { GadgetWorkshop } from './workshop.js';

/** Options of `oriel gadget dev`. */
export interface DevOptions {
  /** Null: the usual one, or the next that is free. */
  readonly port: number | null;
  /** The configuration whose Connections are used; null: only samples are shown. */
  readonly asMe: { readonly file: string; readonly name: string | null } | null;
}

const USUAL_PORT = 4700;
const TRIED = 20;
/** Nowhere else: what is being written, and one's own data, is for this machine alone. */
const LOOPBACK = '127.0.0.1';

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/** A workshop that is open. */
export interface OpenWorkshop {
  /** With the key in its fragment where one's own data is shown. */
  readonly address: string;
  close(): Promise<void>;
}

/** Opens the workshop of a gadget on loopback. Rejects where its port is taken. */
export const openWorkshop = async (
  folder: string,
  root: string,
  port: number | null,
  me: OwnAccount | null,
): Promise<OpenWorkshop> => {
  const live = await LiveGadget.open(folder, root);
  const workshop = new GadgetWorkshop(live, systemClock, me);
  const key = systemEntropy.secret();
  const gadgets = (): readonly Gadget[] => [workshop.gadget() ?? []].flat();
  let listening = 0;
  const app = workshopApp({
    ...{ workshop, key, port: () => listening },
    assets: loadAssets(root, gadgets, ''),
  });
  const server = new HttpServer(app.callback());
  const [first, tries] = port === null ? [USUAL_PORT, TRIED] : [port, 1];
  for (let tried = 0; listening === 0; tried += 1)
    try {
      listening = await server.listen(LOOPBACK, first === 0 ? 0 : first + tried);
    } catch (error) {
      if (!isTaken(error) || tried + 1 >= tries) {
        live.close();
        throw error;
      }
    }
  return {
    address: `http://${LOOPBACK}:${listening}/${me === null ? '' : `#${key.reveal()}`}`,
    async close() {
      live.close();
      await server.drain();
    },
  };
};

const words = ({ address }: OpenWorkshop, folder: string, me: OwnAccount | null): string =>
  [
    `The workshop of ${folder} is open at`,
    '',
    `  ${address}`,
    '',
    ...(me === null
      ? []
      : [
          `It shows what ${me.name}’s own accounts may see, to anyone who has this address: keep it to yourself.`,
        ]),
    'Save a file, and the page shows it. Press Ctrl-C to close it.',
  ].join('\n');

const serveUntilSignal = async (folder: string, root: string, port: number | null, me: OwnAccount | null) => {
  const open = await openWorkshop(folder, root, port, me);
  console.log(words(open, folder, me));
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await open.close();
};

/** `oriel gadget dev`: shows a gadget in the browser while it is written, until a signal ends it. */
export const dev = (folder: string, root: string, { port, asMe }: DevOptions): Promise<void> =>
  asMe === null
    ? serveUntilSignal(folder, root, port, null)
    : asMyself({ ...asMe, root }, (me) => serveUntilSignal(folder, root, port, me));
