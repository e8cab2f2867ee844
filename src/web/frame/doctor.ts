import type { Directory } from '../../config/directory.js';
import { AppError } from '../../domain/errors.js';
import { parseUrl } from '../../domain/parse-url.js';
import { type Host, mayShow } from '../../hosts/host.js';
import type { Context } from '../context.js';
import { anybodysPage } from '../headers.js';
import { themeOf } from './frame-pages.js';
import type { FrameWeb } from './frame-web.js';

const MOST_ORIGINS = 10;
const LONGEST = 300;

const isOrigin = (text: string): boolean => {
  const url = text.length <= LONGEST ? parseUrl(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};

/** The page's origin and those around it. One that is hidden is the text `null`, and registered nowhere. */
const readOrigins = (query: URLSearchParams): readonly [string, ...string[]] => {
  const [page = '', ...around] = query.getAll('origin').slice(0, MOST_ORIGINS);
  if (!isOrigin(page) || !around.every((each) => each === 'null' || isOrigin(each)))
    throw new AppError('parameter_invalid', 'The doctor asks with “origin”, the origin of its page.');
  return [page, ...around];
};

const standing = (directory: Directory, host: Host, gadget: string): 'shown' | 'unknown' | 'not-allowed' => {
  if (directory.gadget(gadget) === undefined) return 'unknown';
  return mayShow(host, gadget) ? 'shown' : 'not-allowed';
};

/**
 * `GET /doctor`: the page by which an embed doctor learns what the server knows of its host page, and the server's time. No
 * matter who frames it, it sends its message to the requested origin alone; an unregistered one only learns that it is not registered.
 * It holds nothing of a viewer, no secret and no cookie, and starts nothing.
 */
export const doctorRoute =
  ({ assets, clock, directory, siteOrigin, views }: FrameWeb) =>
  (ctx: Context): void => {
    const query = new URLSearchParams(ctx.querystring);
    const [page, ...around] = readOrigins(query);
    const host = directory.host((query.get('host') ?? '').slice(0, LONGEST));
    const unregistered =
      host === undefined ? [] : [page, ...around].filter((each) => !host.origins.includes(each));
    const known = host !== undefined && !unregistered.includes(page) ? host : null;
    const gadget = (query.get('gadget') ?? '').slice(0, LONGEST);
    anybodysPage(ctx);
    ctx.type = 'html';
    // A page for the host's developers, in English like everything else that they read.
    ctx.body = views.page('frame/doctor', {
      data: {
        page,
        siteOrigin,
        time: clock.now(),
        host: host === undefined ? 'unknown' : 'known',
        unregistered,
        parameters: known && (directory.gadget(gadget)?.parameters.map(({ name }) => name) ?? null),
        gadget: known && standing(directory, known, gadget),
        mode: known?.connectMode ?? null,
        algorithms: known?.key.algorithms ?? null,
      },
      theme: themeOf(query.get('theme') ?? undefined),
      opensWindow: known?.connectMode === 'opener',
      assets: { style: assets.url('frame.css'), script: assets.url('doctor-frame.js') },
    });
  };
