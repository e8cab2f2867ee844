import { AppError } from '../../domain/errors.js';
import type { FrameSession } from '../../domain/frame-session.js';
import type { Rendered, RenderRequest } from '../../domain/rendering.js';
import type { Recalled } from '../../render/render-gadget.js';
import type { State } from '../context.js';
import { shownBy } from './addressed.js';
import type { FrameWeb } from './frame-web.js';

/** What frames show, each answer within its budget. */
export interface Renderings {
  /**
   * What the session's frame shows now, or null when that takes longer; asked again, it is joined. What it lacks for want of a provider
   * goes to the request's log line, and to the audit log.
   */
  of(session: FrameSession, request: Pick<State, 'log' | 'requestId'>): Promise<Rendered | null>;
  /** What the session's data stands on now; see `readStanding`. */
  standing(session: FrameSession): Promise<string>;
  /** What the frame shows and what it stands on, where memory knows both without waiting. */
  recall(session: FrameSession): Recalled | undefined;
  /** What the session's data stands on, where memory knows it without waiting. */
  recallStanding(session: FrameSession): string | undefined;
  /** Lets go of what is being made for this frame: what it asks next is made anew. */
  forget(session: FrameSession): void;
}

export const renderings = ({
  directory,
  rendering,
  recallStanding,
  renderBudget,
  standing,
  noteFailure,
}: FrameWeb): Renderings => {
  // A session in memory is the same object at each request, and so is its question.
  const requests = new WeakMap<FrameSession, RenderRequest>();

  const requestOf = (session: FrameSession): RenderRequest => {
    const { viewer, parameters, locale, timeZone } = session;
    const host = directory.host(viewer.host);
    if (host === undefined) throw new AppError('host_unknown');
    // Looked up each time: a host may lose a gadget while its frames are open.
    const gadget = shownBy(directory, host, session.gadget);
    const known = requests.get(session);
    if (known?.gadget === gadget) return known;
    const request = { gadget, viewer, parameters, locale, timeZone };
    requests.set(session, request);
    return request;
  };

  return {
    async of(session, { log, requestId }) {
      const answer = await rendering.answer(session.id, requestOf(session), renderBudget());
      if (answer === 'pending') return null;
      const { failed = [] } = answer;
      const [failure] = failed;
      if (failure !== undefined) {
        Object.assign(log, failure);
        noteFailure({ gadget: session.gadget, viewer: session.viewer, requestId, failures: failed });
      }
      return answer;
    },
    recall: (session) => rendering.recall(requestOf(session)),
    recallStanding: (session) => recallStanding(requestOf(session)),
    standing: (session) => standing(requestOf(session)),
    forget: (session) => rendering.forget(session.id),
  };
};
