import type { Directory } from '../config/directory.js';
import { AppError } from '../domain/errors.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { Gadget } from '../domain/gadget.js';
import type { Meter } from '../domain/meter.js';
import type { Rendered, RenderRequest } from '../domain/rendering.js';
import { Waker } from '../domain/system.js';
import { canonical } from '../gadgets/parameters.js';
import { isForEdition, isWanted } from '../gadgets/request-plan.js';
import { applyChoices } from '../gadgets/viewer-choices.js';
import { gadgetNamed } from '../hosts/bound-gadget.js';
import { type Host, mayShow } from '../hosts/host.js';
import type { FailureNotes } from './failure-notes.js';
import {
  type Attributed,
  findRendering,
  isCurrent,
  type Recalled,
  type RenderDeps,
  recallRendering,
  renderGadget,
} from './render-gadget.js';
import { findUsable, readStanding, recallStanding } from './usable-connections.js';

export interface FrameRenderingsDeps extends RenderDeps {
  readonly directory: RenderDeps['directory'] & Pick<Directory, 'gadget'>;
  readonly meter: Pick<Meter, 'rendered' | 'made'>;
  readonly failures: Pick<FailureNotes, 'note'>;
  /** Milliseconds after which an answer goes out without what is still being rendered. */
  readonly renderBudget: () => number;
}

/** A result that no request waited for is kept this long, even where nothing of it may be cached: it answers a request that was made already. */
const KEPT_FOR = 5_000;

/** So many results are kept for frames that have not come back yet: beyond that they ask once more. */
const MOST_KEPT = 5000;

interface Work {
  readonly request: RenderRequest;
  readonly attributed: Promise<Attributed>;
  waiting: number;
  done: boolean;
}

/** A session's gadget may change, when definitions are read again, and what its viewer chose. */
const isSameRequest = ({ request: made }: Work, { viewer, gadget, ...asked }: RenderRequest): boolean =>
  made.viewer.id === viewer.id &&
  made.gadget.version === gadget.version &&
  (made.parameters === asked.parameters ||
    (canonical(made.parameters) === canonical(asked.parameters) &&
      JSON.stringify(made.changeable) === JSON.stringify(asked.changeable)));

/** The gadget that this host means by this name, if this host may show it. Throws `gadget_unknown` and `gadget_not_allowed`. */
export function gadgetOfHost(directory: Pick<Directory, 'gadget'>, host: Host, id: string): Gadget {
  const gadget = gadgetNamed(directory, host, id);
  if (gadget === undefined)
    throw new AppError('gadget_unknown', {}, `No gadget folder holds “${id.slice(0, 64)}”.`);
  if (!mayShow(host, id))
    throw new AppError(
      'gadget_not_allowed',
      { host: host.name, gadget: id },
      `Add “${id}” to hosts.${host.id}.gadgets if it should.`,
    );
  return gadget;
}

/**
 * What open frames show. All requests of one frame share one rendering, and each is answered in time: a rendering that takes longer goes
 * on, and the frame's next request joins it or takes its result. Counts what is shown, and notes what is not for lack of a provider.
 */
export class FrameRenderings {
  readonly #deps: FrameRenderingsDeps;
  readonly #mostKept: number;
  /** A session in memory is the same object at each request, and so is its render request. */
  readonly #requests = new WeakMap<FrameSession, RenderRequest>();
  /** By the session's id. */
  readonly #works = new Map<string, Work>();
  /** Sessions with a result that was not asked for yet, the oldest first. */
  readonly #done = new Set<string>();
  #fromMemory = 0;

  constructor(deps: FrameRenderingsDeps, mostKept = MOST_KEPT) {
    this.#deps = deps;
    this.#mostKept = mostKept;
  }

  /** How many times what a frame showed was found in memory, ready made. */
  get fromMemory(): number {
    return this.#fromMemory;
  }

  /** What the frame shows and what that stands on, where memory knows both without waiting. */
  recall(session: FrameSession): Recalled | undefined {
    const recalled = recallRendering(this.#deps, this.#requestOf(session));
    if (recalled !== undefined) {
      this.#fromMemory += 1;
      this.#count(session, recalled.rendered);
    }
    return recalled;
  }

  /** What the frame's data stands on, where memory knows it without waiting. */
  recallStanding(session: FrameSession): string | undefined {
    return recallStanding(this.#deps, this.#requestOf(session));
  }

  /** What the frame's data stands on now; see `readStanding`. */
  standing(session: FrameSession): Promise<string> {
    return readStanding(this.#deps, this.#requestOf(session));
  }

  /** The providers that this frame has questions for, and to which its viewer has no Connection that can be used, in the gadget's order. */
  async unconnected(session: FrameSession): Promise<readonly string[]> {
    const request = this.#requestOf(session);
    const used = await findUsable(this.#deps, request);
    const isAsked = (provider: string): boolean =>
      request.gadget.requests.some(
        ({ provider: asked, inputs }) =>
          asked === provider &&
          isWanted(inputs, request.parameters) &&
          isForEdition(inputs.edition, this.#deps.directory.provider(provider)?.edition),
      );
    return request.gadget.providers.filter(
      (provider, index) => used[index]?.connection === null && isAsked(provider),
    );
  }

  /**
   * What the frame shows now, or `pending` when that takes longer than the budget; the next request then joins it. `requestId` is what
   * the audit log calls this request where a provider could not be used. Rejects with what the rendering was refused for.
   */
  async answer(session: FrameSession, requestId: string): Promise<Rendered | 'pending'> {
    const request = this.#requestOf(session);
    const isAsked = (): boolean => this.#requestOf(session).gadget.version === request.gadget.version;
    const late = this.#works.size === 0 ? undefined : await this.#takeDone(session.id, request);
    const known = late ?? (await findRendering(this.#deps, request));
    const answer = known ?? (await this.#join(session.id, request));
    // What a reload has bound to another provider since is not given out: the frame asks again.
    if (answer === 'pending' || !isAsked()) return 'pending';
    if (known !== undefined && late === undefined) this.#fromMemory += 1;
    this.#count(session, answer);
    const { gadget, viewer } = session;
    const { failed: failures } = answer;
    if (failures !== undefined) this.#deps.failures.note({ gadget, viewer, requestId, failures });
    return answer;
  }

  /** Forgets what is being made or kept for this frame: what it asks for next is made afresh. */
  forget(session: FrameSession): void {
    this.#works.delete(session.id);
    this.#done.delete(session.id);
  }

  /** One rendering, made afresh. */
  protected render(request: RenderRequest): Promise<Attributed> {
    return renderGadget(this.#deps, request);
  }

  #requestOf(session: FrameSession): RenderRequest {
    const { viewer, locale, timeZone } = session;
    const host = this.#deps.directory.host(viewer.host);
    if (host === undefined) throw new AppError('host_unknown');
    // Looked up each time: a host may lose a gadget while its frames are open.
    const gadget = gadgetOfHost(this.#deps.directory, host, session.gadget);
    const known = this.#requests.get(session);
    if (known?.gadget === gadget) return known;
    const request = { gadget, viewer, ...applyChoices(gadget, session), locale, timeZone };
    this.#requests.set(session, request);
    return request;
  }

  #count({ gadget }: FrameSession, { state, stale }: Rendered): void {
    this.#deps.meter.rendered(gadget, stale ? 'stale' : state);
  }

  #drop(session: string, work: Work): void {
    if (this.#works.get(session) !== work) return;
    this.#works.delete(session);
    this.#done.delete(session);
  }

  #start(session: string, request: RenderRequest): Work {
    const { clock, meter } = this.#deps;
    const startedAt = clock.monotonic();
    const attributed = this.render(request);
    const counted = (): void => meter.made(request.gadget.id, clock.monotonic() - startedAt);
    attributed.then(counted, counted);
    const work: Work = { request, attributed, waiting: 0, done: false };
    this.#works.set(session, work);
    this.#done.delete(session);
    // A failure reaches the request that asks; here it only ends the work.
    const settle = (): Promise<void> => this.#settle(session, work);
    work.attributed.then(settle, settle);
    return work;
  }

  async #settle(session: string, work: Work): Promise<void> {
    work.done = true;
    if (work.waiting === 0 && this.#works.get(session) === work) {
      this.#done.add(session);
      const [oldest = session] = this.#done;
      const last = this.#works.get(oldest);
      if (this.#done.size > this.#mostKept && last !== undefined) this.#drop(oldest, last);
      await this.#deps.clock.sleep(KEPT_FOR);
    }
    this.#drop(session, work);
  }

  /** A result made before it was asked for is good only while the viewer's Connections are still those it was made with. */
  async #takeDone(session: string, request: RenderRequest): Promise<Rendered | undefined> {
    const work = this.#works.get(session);
    if (work === undefined || !work.done || !isSameRequest(work, request)) return undefined;
    this.#drop(session, work);
    const { rendered, sources } = await work.attributed;
    if (rendered.state === 'connect' || rendered.state === 'reconnect') return undefined;
    return (await isCurrent(this.#deps, request, sources)) ? rendered : undefined;
  }

  async #join(session: string, request: RenderRequest): Promise<Rendered | 'pending'> {
    const running = this.#works.get(session);
    const joins = running !== undefined && !running.done && isSameRequest(running, request);
    const work = joins ? running : this.#start(session, request);
    work.waiting += 1;
    const answered = new Waker();
    try {
      const over = this.#deps.clock.sleep(this.#deps.renderBudget(), answered);
      const attributed = joins ? this.#renewed(request, work.attributed) : work.attributed;
      return await new Promise<Rendered | 'pending'>((resolve, reject) => {
        attributed.then(({ rendered }) => resolve(rendered), reject);
        over.then(() => resolve('pending'), reject);
      });
    } finally {
      work.waiting -= 1;
      answered.wake();
    }
  }

  /** What was under way when it was asked for may rest on what was known before, and must not be given for what is known by now. */
  async #renewed(request: RenderRequest, running: Promise<Attributed>): Promise<Attributed> {
    const attributed = await running;
    return (await isCurrent(this.#deps, request, attributed.sources)) ? attributed : this.render(request);
  }
}
