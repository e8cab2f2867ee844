import type { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import type { Rendered } from '../../domain/rendering.js';
import type { Host } from '../../hosts/host.js';
import type { FrameWeb } from './frame-web.js';
import { dataBlock, type PageMould, pageMould, varying } from './page-mould.js';

const THEMES = ['light', 'dark', 'auto'] as const;
export type PageTheme = (typeof THEMES)[number];

/** The theme a page asked for, or the one that follows the browser. */
export const themeOf = (said: string | undefined): PageTheme =>
  THEMES.find((theme) => theme === said) ?? 'auto';

/** What the frame's script is told; it removes the block on reading, for it holds the bearer. */
export interface FrameData {
  readonly bearer: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly host: Host;
  readonly gadget: Gadget;
  readonly locale: string;
  readonly requestId: string;
  readonly standing: string;
}

export interface FramePages {
  /** The answer to a launch: what was rendered, or a skeleton that the frame's script fills. */
  launch(data: FrameData, theme: PageTheme, rendered: Rendered | null): Buffer;
  /** The page at the frame's own URL: it contains nothing of a viewer and asks the host page to launch again. */
  relaunch(host: Host, gadget: Gadget, requestId: string, refusal: AppError | null, locale: string): string;
}

/** Forms of launch pages that are kept. */
const MOST_MOULDS = 1000;

const isoTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

const relaunchPath = (host: Host, gadget: Gadget): string =>
  `/h/${encodeURIComponent(host.id)}/g/${encodeURIComponent(gadget.id)}/relaunch`;

const namesOf = ({ parameters }: Gadget): readonly string[] => parameters.map(({ name }) => name);

const scriptData = (data: FrameData, rendered: Rendered | null, siteOrigin: string): object => ({
  v: 1,
  bearer: data.bearer,
  expiresIn: data.expiresIn,
  host: data.host.id,
  hostOrigins: data.host.origins,
  gadget: data.gadget.id,
  siteOrigin,
  connectMode: data.host.connectMode,
  relaunchPath: relaunchPath(data.host, data.gadget),
  parameters: namesOf(data.gadget),
  locale: data.locale,
  requestId: data.requestId,
  skeleton: rendered === null,
  state: rendered?.state ?? 'loading',
  etag: rendered?.etag ?? null,
  fetchedAt: isoTime(rendered?.fetchedAt ?? null),
  stale: rendered?.stale ?? false,
  standing: data.standing,
});

/** What the frame's script may have to say, by the last part of its key. */
const SCRIPT_SENTENCES = [
  'tryAgain',
  'popups',
  'reload',
  'noWindow',
  'notYet',
  'givenUp',
  'cancelled',
  'changed',
  'nothing',
  'nothingTryAgain',
  'unreachable',
  'noCode',
  'cannotShow',
] as const;

/**
 * Makes the pages of frames. A launch page's form depends on gadget, theme, catalogue and whether the host has links, and is made once for
 * each.
 */
export const framePages = (web: Pick<FrameWeb, 'views' | 'assets' | 'siteOrigin' | 'kept'>): FramePages => {
  const { views, assets } = web;
  const moulds = new Map<string, PageMould>();
  const mostMoulds = web.kept?.moulds ?? MOST_MOULDS;
  const skeletons = new Map<string, Buffer>();

  const skeletonIn = (locale: string): Buffer => {
    const known = skeletons.get(locale);
    if (known !== undefined) return known;
    const made = Buffer.from(views.page('states/loading', { locale }));
    skeletons.set(locale, made);
    return made;
  };

  /** `locale`: one of those that there are sentences in, which is all of the viewer's that a form depends on. */
  const mouldOf = (gadget: Gadget, theme: PageTheme, linked: boolean, locale: string): PageMould => {
    const key = `${theme} ${linked} ${locale} ${gadget.id} ${gadget.version}`;
    const known = moulds.get(key);
    if (known !== undefined) return known;
    const style = `gadget:${gadget.id}.css`;
    const page = views.page('frame/launch', {
      gadget,
      theme,
      linked,
      locale,
      words: Object.fromEntries(SCRIPT_SENTENCES.map((each) => [each, views.say(locale, `frame.${each}`)])),
      data: varying('frame-json'),
      fragment: varying('fragment'),
      requestId: varying('request-id'),
      assets: {
        style: assets.url('frame.css'),
        gadgetStyle: assets.has(style) ? assets.url(style) : null,
        script: assets.url('frame.js'),
      },
    });
    const mould = pageMould(page);
    moulds.set(key, mould);
    const [oldest] = moulds.keys();
    if (moulds.size > mostMoulds && oldest !== undefined) moulds.delete(oldest);
    return mould;
  };

  return {
    launch(data, theme, rendered) {
      const locale = views.catalogueOf(data.locale);
      return mouldOf(
        data.gadget,
        theme,
        data.host.connectMode !== 'opener',
        locale,
      )({
        'frame-json': dataBlock(scriptData(data, rendered, web.siteOrigin)),
        fragment: rendered?.body ?? skeletonIn(locale),
        'request-id': data.requestId,
      });
    },
    relaunch: (host, gadget, requestId, refusal, locale) =>
      views.page('frame/relaunch', {
        locale,
        host,
        gadget,
        requestId,
        refusal: refusal && { code: refusal.code },
        data: {
          v: 1,
          hostOrigins: host.origins,
          parameters: namesOf(gadget),
          code: refusal?.code ?? null,
          relaunch: true,
        },
        assets: { style: assets.url('frame.css'), script: assets.url('relaunch.js') },
      }),
  };
};
