import { AppError } from '../../domain/errors.js';
import type { FrameSession } from '../../domain/frame-session.js';
import type { Rendered, RenderRequest } from '../../domain/rendering.js';
import { shownBy } from './addressed.js';
import type { FrameWeb } from './web.js';

/** Renderings for frames: each answer within its budget, and one rendering however often a frame asks. */
export interface Renderings {
  /** What the session's frame shows, or null when the budget is over; the rendering then goes on, and is joined by the next. */
  of(session: FrameSession): Promise<Rendered | null>;
  /** Drops what is kept for this frame, so that nothing older than now is shown. */
  forget(session: FrameSession): void;
}

/** A rendering that came too late for its answer waits this long for the frame to ask again, ms. */
const KEPT_FOR = 5_000;

/** The value, or null after so many milliseconds. */
const within = <T>(ms: number, work: Promise<T>): Promise<T | null> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, null);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });

export const renderings = (web: FrameWeb): Renderings => {
  const late = new Map<string, Promise<Rendered>>();
  const requests = new WeakMap<FrameSession, RenderRequest>();

  const requestOf = (session: FrameSession): RenderRequest => {
    const known = requests.get(session);
    if (known !== undefined) return known;
    const host = web.directory.host(session.viewer.host);
    if (host === undefined) throw new AppError('host_unknown', 'The page’s application is not known here.');
    const { viewer, parameters, locale, timeZone } = session;
    const request = {
      gadget: shownBy(web.directory, host, session.gadget),
      viewer,
      parameters,
      locale,
      timeZone,
    };
    requests.set(session, request);
    return request;
  };

  /** Keeps a rendering until the frame fetched it; a failed one is thrown at whoever asks next. */
  const keep = (id: string, rendering: Promise<Rendered>): void => {
    late.set(id, rendering);
    const drop = (): void => {
      if (late.get(id) === rendering) late.delete(id);
    };
    const dropLater = (): void => void setTimeout(drop, KEPT_FOR).unref();
    rendering.then(dropLater, dropLater);
  };

  return {
    async of(session) {
      const running = late.get(session.id);
      const rendering = running ?? web.render(requestOf(session));
      try {
        const rendered = await within(web.renderBudget, rendering);
        if (rendered !== null) late.delete(session.id);
        else if (running === undefined) keep(session.id, rendering);
        return rendered;
      } catch (error) {
        late.delete(session.id);
        throw error;
      }
    },
    forget: (session) => void late.delete(session.id),
  };
};
