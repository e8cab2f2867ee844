import { AppError } from '../../domain/errors.js';
import type { FrameSession } from '../../domain/frame-session.js';
import { isoTime } from '../../domain/iso-time.js';
import type { Rendered } from '../../domain/rendering.js';
import { chooseParameters } from '../../render/choose-parameters.js';
import type { Recalled } from '../../render/render-gadget.js';
import { hasEnded } from '../../render/usable-connections.js';
import { readJson } from '../body.js';
import type { Context } from '../context.js';
import { answerAtOnce, FRAME_ANSWER, frameAnswer } from '../headers.js';
import type { Addressed } from './addressed.js';
import type { FrameBearers } from './frame-bearers.js';
import type { FrameWeb } from './frame-web.js';

/** Seconds after which a frame asks again for what is still being rendered. */
const ASK_AGAIN = '1';

const bytesOf = ({ body }: Rendered): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** A rendering as it goes out, headers as names and values in turn. One that is shown again and again is made ready once. */
interface Outgoing {
  readonly same: readonly string[];
  readonly whole: readonly string[];
  readonly body: Buffer;
}

const EVERY_ANSWER: readonly string[] = Object.entries(FRAME_ANSWER).flat();

const outgoing = (rendered: Rendered): Outgoing => {
  const { etag, state, fetchedAt, stale } = rendered;
  const same = [...EVERY_ANSWER, 'ETag', etag, 'X-Oriel-State', state];
  if (fetchedAt !== null) same.push('X-Oriel-Fetched-At', isoTime(fetchedAt));
  if (stale) same.push('X-Oriel-Stale', '1');
  const body = bytesOf(rendered);
  const whole = [...same, 'Content-Type', 'text/html; charset=utf-8', 'Content-Length', String(body.length)];
  return { same, whole, body };
};

/** So that the line of the request says which provider could not be used. */
export const logFailure = (ctx: Context, { failed: [first] = [] }: Rendered): void => {
  Object.assign(ctx.state.log, first);
};

/**
 * `GET /frame/content`: the fragment, 304 when the frame has these very bytes, or 202 while it is being rendered. The ETag
 * belongs to this fetch alone; no cache may keep the answer itself.
 */
export const contentRoute = (bearers: FrameBearers, renderings: FrameWeb['renderings']) => {
  const ready = new WeakMap<Rendered, Outgoing>();
  const readied = (rendered: Rendered): Outgoing => {
    const known = ready.get(rendered);
    if (known !== undefined) return known;
    const made = outgoing(rendered);
    ready.set(rendered, made);
    return made;
  };

  const show = (ctx: Context, { rendered, standing }: Recalled, { same, whole, body }: Outgoing): void => {
    ctx.state.log.state = rendered.state;
    const isSame = ctx.req.headers['if-none-match'] === rendered.etag;
    const headers = [...(isSame ? same : whole), 'X-Oriel-Standing', standing];
    answerAtOnce(ctx, isSame ? 304 : 200, headers, isSame ? null : body);
  };

  const look = async (ctx: Context, known: FrameSession | undefined): Promise<void> => {
    const session = known ?? (await bearers.live(ctx));
    // What this request is refused for is said in the frame's language.
    ctx.state.locale = session.locale;
    // Before the rendering: what changes while it is made is then seen by the frame's next look.
    const standing = renderings.recallStanding(session) ?? (await renderings.standing(session));
    const rendered = await renderings.answer(session, ctx.state.requestId);
    ctx.state.log.gadget = session.gadget;
    if (rendered !== 'pending') {
      logFailure(ctx, rendered);
      show(ctx, { rendered, standing }, outgoing(rendered));
      return;
    }
    frameAnswer(ctx);
    ctx.set('Retry-After', ASK_AGAIN);
    ctx.body = '';
    ctx.status = 202;
  };

  return (ctx: Context): Promise<void> | undefined => {
    const session = bearers.recall(ctx);
    const recalled = session && renderings.recall(session);
    if (session === undefined || recalled === undefined) return look(ctx, session);
    ctx.state.log.gadget = session.gadget;
    show(ctx, recalled, readied(recalled.rendered));
    return undefined;
  };
};

const TAG = /^"([\w.~-]{1,2000})"$/;

/**
 * `GET /frame/standing` with `If-None-Match`: 304 while everything that the frame's data stands on is as it was, else `{ended}`,
 * which says whether what is shown must go at once. Visible frames ask it every few seconds, so it does nothing else: no provider is
 * asked, no session lengthened, no use of a Connection noted, and an unchanged answer leaves a line in the log at level debug alone.
 */
export const standingRoute = (bearers: FrameBearers, renderings: FrameWeb['renderings']) => {
  const answer = (ctx: Context, { gadget }: FrameSession, standing: string): void => {
    ctx.state.log.gadget = gadget;
    const before = TAG.exec(ctx.req.headers['if-none-match'] ?? '')?.[1];
    if (before === standing) {
      ctx.state.isRoutine = true;
      answerAtOnce(ctx, 304, [...EVERY_ANSWER, 'ETag', `"${standing}"`], null);
      return;
    }
    frameAnswer(ctx);
    ctx.set('ETag', `"${standing}"`);
    ctx.body = { ended: before !== undefined && hasEnded(before, standing) };
  };

  const look = async (ctx: Context): Promise<void> => {
    const session = await bearers.live(ctx);
    answer(ctx, session, await renderings.standing(session));
  };

  return (ctx: Context): Promise<void> | undefined => {
    const session = bearers.recall(ctx);
    const standing = session && renderings.recallStanding(session);
    if (session === undefined || standing === undefined) return look(ctx);
    answer(ctx, session, standing);
    return undefined;
  };
};

/** The longest value there is, each character of it escaped. */
const LARGEST_CHOICES = 128 * 1024;
/** No gadget has more parameters that anyone would want to change at once. */
const MOST_CHOICES = 50;

const choicesIn = (body: Readonly<Record<string, unknown>>): ReadonlyMap<string, string | null> => {
  const { choices } = body;
  const given = typeof choices === 'object' && choices !== null ? Object.entries(choices) : [];
  if (given.length === 0 || given.length > MOST_CHOICES)
    throw new AppError('body_invalid', `“choices” must be an object with 1 to ${MOST_CHOICES} members.`);
  const read = new Map<string, string | null>();
  for (const [name, value] of given) {
    if (value !== null && typeof value !== 'string')
      throw new AppError('body_invalid', 'A choice must be a text, or null for the page’s own value.');
    read.set(name, value);
  }
  return read;
};

/**
 * `POST /frame/choices` with `{choices: {NAME: TEXT | null}}`: what the viewer changed in this frame. The bearer says whose choice it is, and
 * of which gadget; nothing in the body can name another.
 */
export const choiceRoute = (
  web: Pick<FrameWeb, 'choices' | 'clock' | 'directory' | 'limits'>,
  bearers: FrameBearers,
  renderings: Pick<FrameWeb['renderings'], 'forget'>,
) => {
  return async (ctx: Context): Promise<void> => {
    const session = await bearers.live(ctx);
    ctx.state.log.gadget = session.gadget;
    await chooseParameters(web, session, choicesIn(await readJson(ctx, LARGEST_CHOICES)));
    renderings.forget(session);
    frameAnswer(ctx);
    ctx.body = {};
  };
};

/**
 * `GET /frame/images/:address`: a picture that a rendering named for this frame's viewer. 204 where there is none to show, as the frame then leaves
 * what stands in its place; no cache may keep it, and opened by itself it is nothing.
 */
export const imageRoute =
  (bearers: FrameBearers, images: FrameWeb['images']) =>
  async (ctx: Addressed): Promise<void> => {
    const session = await bearers.live(ctx);
    const image = await images.find(session, ctx.params.address ?? '');
    if (image === null) throw new AppError('route_unknown');
    ctx.state.log.gadget = session.gadget;
    frameAnswer(ctx);
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    if (typeof image === 'string') {
      ctx.state.log.image = image;
      ctx.status = 204;
      return;
    }
    ctx.state.isRoutine = true;
    ctx.type = image.type;
    ctx.body = image.bytes;
  };
