import type { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import { gadgetIn } from '../../domain/gadget-locale.js';
import { isoTime } from '../../domain/iso-time.js';
import type { Rendered } from '../../domain/rendering.js';
import type { Host } from '../../hosts/host.js';
import type { FrameWeb } from './frame-web.js';

/** A page that is rendered once, with a few places that are filled for each answer. */
type PageShell = (filling: Readonly<Record<string, Uint8Array | string>>) => Buffer;

/** A template that writes a value as JSON puts quotes around the mark; they go with it. */
const MARK = /"@@oriel:([a-z-]+-json)@@"|@@oriel:([a-z-]+)@@/g;

/** What to give a template in place of a value that varies; a place for JSON has a name that ends in `-json`. */
const varying = (place: string): string => `@@oriel:${place}@@`;

/** Cuts a page at its varying places. What is filled in must already be HTML. */
const pageShell = (page: string): PageShell => {
  const parts: (Buffer | string)[] = [];
  let end = 0;
  for (const found of page.matchAll(MARK)) {
    parts.push(Buffer.from(page.slice(end, found.index)), found[1] ?? found[2] ?? '');
    end = found.index + found[0].length;
  }
  parts.push(Buffer.from(page.slice(end)));
  return (filling) =>
    Buffer.concat(
      parts.map((part) => {
        if (typeof part !== 'string') return part;
        const content = filling[part] ?? '';
        return typeof content === 'string' ? Buffer.from(content) : content;
      }),
    );
};

const UNSAFE = /[<\u2028\u2029]/g;

/** Data for a script, in a JSON data block of a page: nothing in it can end the block. */
const dataBlock = (data: object): string =>
  JSON.stringify(data).replace(UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);

const THEMES = ['light', 'dark', 'auto'] as const;
export type PageTheme = (typeof THEMES)[number];

/** The theme a page asked for, or the one that follows the browser. */
export const themeOf = (said: string | undefined): PageTheme =>
  THEMES.find((theme) => theme === said) ?? 'auto';

/** What the frame's script is given; it removes the block on reading, since it holds the bearer. */
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

/** Forms of launch pages that are kept. */
const MOST_SHELLS = 1000;

const isoTimeOf = (time: number | null): string | null => (time === null ? null : isoTime(time));

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
  fetchedAt: isoTimeOf(rendered?.fetchedAt ?? null),
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
  'shown',
] as const;

/** The pages of frames. The form of a launch page depends on gadget, theme, catalogue and whether the host has links; one of each is kept. */
export class FramePages {
  readonly #web: Pick<FrameWeb, 'views' | 'assets' | 'siteOrigin'>;
  readonly #mostShells: number;
  readonly #shells = new Map<string, PageShell>();
  readonly #skeletons = new Map<string, Buffer>();

  constructor(web: Pick<FrameWeb, 'views' | 'assets' | 'siteOrigin' | 'kept'>) {
    this.#web = web;
    this.#mostShells = web.kept?.pageShells ?? MOST_SHELLS;
  }

  /** The answer to a launch: what was rendered, or a skeleton that the frame's script fills. */
  launch(data: FrameData, theme: PageTheme, rendered: Rendered | null): Buffer {
    const locale = this.#web.views.catalogueOf(data.locale);
    const shell = this.#shellOf(data.gadget, theme, data.host.connectMode !== 'opener', locale);
    return shell({
      'frame-json': dataBlock(scriptData(data, rendered, this.#web.siteOrigin)),
      fragment: rendered?.body ?? this.#skeletonIn(locale),
      'request-id': data.requestId,
    });
  }

  /** The page at the frame's own URL: it contains nothing of a viewer and asks the host page to launch again. */
  relaunch(host: Host, gadget: Gadget, requestId: string, refusal: AppError | null, locale: string): string {
    const { views, assets } = this.#web;
    return views.page('frame/relaunch', {
      locale,
      host,
      gadget: gadgetIn(gadget, locale),
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
    });
  }

  #skeletonIn(locale: string): Buffer {
    const known = this.#skeletons.get(locale);
    if (known !== undefined) return known;
    const made = Buffer.from(this.#web.views.page('frame/states/loading', { locale }));
    this.#skeletons.set(locale, made);
    return made;
  }

  /** `locale`: one of those that there are sentences in, which is all of the viewer's that a form depends on. */
  #shellOf(gadget: Gadget, theme: PageTheme, linked: boolean, locale: string): PageShell {
    const key = `${theme} ${linked} ${locale} ${gadget.id} ${gadget.version}`;
    const known = this.#shells.get(key);
    if (known !== undefined) return known;
    const { views, assets } = this.#web;
    const page = views.page('frame/launch', {
      gadget: gadgetIn(gadget, locale),
      theme,
      linked,
      locale,
      words: Object.fromEntries(SCRIPT_SENTENCES.map((each) => [each, views.say(locale, `frame.${each}`)])),
      data: varying('frame-json'),
      fragment: varying('fragment'),
      requestId: varying('request-id'),
      assets: {
        style: assets.url('frame.css'),
        gadgetStyle: assets.gadgetStyle(gadget),
        script: assets.url('frame.js'),
      },
    });
    const shell = pageShell(page);
    this.#shells.set(key, shell);
    const [oldest] = this.#shells.keys();
    if (this.#shells.size > this.#mostShells && oldest !== undefined) this.#shells.delete(oldest);
    return shell;
  }
}
