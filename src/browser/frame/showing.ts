import { type Api, textIn } from './api.js';
import type { FrameData } from './data.js';
import type { HostLink } from './host-link.js';
import type { Lease, Renewal } from './lease.js';
import type { FramePage, FrameState, Stage } from './stage.js';
import { askStanding } from './standing.js';
import { backOff, pause } from './waiting.js';
import { words } from './words.js';

/** The answer to the frame's request for its content. */
type Content =
  | {
      readonly kind: 'content';
      readonly html: string;
      readonly state: string;
      readonly etag: string | null;
      readonly fetchedAt: string | null;
      readonly requestId: string | null;
      readonly standing: string | null;
    }
  | {
      readonly kind: 'unchanged';
      readonly fetchedAt: string | null;
      readonly requestId: string | null;
      readonly standing: string | null;
    }
  /** Still being rendered; ask again after this many milliseconds. */
  | { readonly kind: 'rendering'; readonly after: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unreachable' };

/** Requests the content, or whether the content with this ETag is still current. */
const askContent = async (api: Api, etag: string | null): Promise<Content> => {
  const answer = await api.get('/frame/content', etag === null ? {} : { 'If-None-Match': etag });
  if (answer === null || answer.status >= 500 || answer.status === 429) return { kind: 'unreachable' };
  const { headers, status } = answer;
  const requestId = headers.get('X-Request-Id');
  const fetchedAt = headers.get('X-Oriel-Fetched-At');
  const standing = headers.get('X-Oriel-Standing');
  if (status === 200)
    return {
      kind: 'content',
      html: answer.text,
      state: headers.get('X-Oriel-State') ?? 'content',
      etag: headers.get('ETag'),
      fetchedAt,
      requestId,
      standing,
    };
  if (status === 304) return { kind: 'unchanged', fetchedAt, requestId, standing };
  if (status === 202) {
    const seconds = Number(headers.get('Retry-After') ?? '1');
    return { kind: 'rendering', after: (Number.isFinite(seconds) ? seconds : 1) * 1000 };
  }
  if (status === 401) return { kind: 'expired' };
  return {
    kind: 'refused',
    code: textIn(answer, 'code') ?? 'internal',
    message: textIn(answer, 'detail') ?? words('cannotShow'),
  };
};

/** States without provider data whose Connection could end; waiting polls on its own, and loading is in progress. */
const WITHOUT_DATA: ReadonlySet<string> = new Set(['loading', 'connect', 'reconnect', 'waiting']);
/** One lost check may be a restart of the server, which the person needn't hear about. */
const LOST_LOOKS = 2;

/** What else influences what is shown. */
export interface Helpers {
  /** Whether an open consent's waiting page stays although this state arrived. */
  screens(state: string): boolean;
  /** The viewer is gone: everything in their name stops. */
  closed(): void;
  /** The viewer is back, with their content. */
  reopened(): void;
  /** The server no longer accepts the bearer. */
  unauthorized(): void;
}

/** Keeps the frame's content up to date, and removes it when it must no longer be seen. */
export class Showing {
  readonly #api: Api;
  readonly #lease: Lease;
  readonly #link: HostLink;
  readonly #stage: Stage;
  readonly #pause = pause();
  #helpers: Helpers | null = null;
  #etag: string | null;
  #state: string;
  /** Nothing is fetched for a viewer who is signed out or has changed. */
  #closed = false;
  /** How often the frame was emptied. */
  #emptied = 0;
  #running = false;
  #unreachable = false;
  #again = false;
  #standing: string | null;
  #lostLooks = 0;

  constructor(data: FrameData, api: Api, lease: Lease, link: HostLink, stage: Stage) {
    this.#api = api;
    this.#lease = lease;
    this.#link = link;
    this.#stage = stage;
    this.#etag = data.etag;
    this.#state = data.state;
    this.#standing = data.standing;
  }

  get state(): string {
    return this.#state;
  }

  helpedBy(helpers: Helpers): void {
    this.#helpers = helpers;
  }

  /** Reports the current state to the host. */
  enter(state: string): void {
    this.#state = state;
    this.#link.send({ type: 'state', state });
  }

  /** Removes the content at once, before any request; `page` shows the new state. */
  empty(state: FrameState, provider?: string, page: FramePage = state): void {
    this.#emptied += 1;
    this.#etag = null;
    this.#standing = null;
    this.#stage.setFetched(null);
    this.#stage.showState(page, provider);
    this.enter(state);
  }

  /** Fetches the current content. Calls during a fetch cause one more after it. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#pause.nudge();
    if (this.#running || this.#closed) return;
    this.#running = true;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        await this.#fetch();
      }
    } finally {
      this.#running = false;
    }
  }

  /**
   * Checks whether the content may still be shown, which is cheap for the server. Content that may not is removed before any other
   * request; content that has changed is fetched.
   */
  async look(): Promise<void> {
    const standing = this.#standing;
    if (this.#closed || standing === null || WITHOUT_DATA.has(this.#state)) return;
    const looked = await askStanding(this.#api, standing);
    // The answer is about content that is no longer shown.
    if (this.#standing !== standing) return;
    this.#lostLooks = looked === 'unreachable' ? this.#lostLooks + 1 : 0;
    if (looked === 'unreachable') {
      if (this.#lostLooks >= LOST_LOOKS && !this.#running) void this.refresh();
    } else if (looked === 'same') {
      // The server is back before the next retry.
      if (this.#unreachable) this.#pause.nudge();
    } else {
      if (looked === 'ended') this.empty('loading');
      void this.refresh();
    }
  }

  /** Renews the session and fetches again; the outcome decides what may still be shown. */
  async renew(): Promise<Renewal> {
    const renewal = await this.#lease.renew();
    if (renewal === 'renewed') void this.#reopen();
    else if (renewal === 'signed-out') this.#close('signed-out');
    else if (renewal === 'over') {
      this.#close('expired');
      this.#link.send({ type: 'relaunch', asked: false });
    } else if (this.#lease.isOver() || (this.#closed && this.#state === 'loading')) this.#close('expired');
    return renewal;
  }

  /** Removes the content until a renewal has confirmed the viewer. */
  hold(): void {
    this.#close('loading');
  }

  /** Removes the content if the session has expired. */
  expireIfOver(): void {
    if (this.#lease.isOver() && !this.#closed) this.#close('expired');
  }

  async #reopen(): Promise<void> {
    const wasClosed = this.#closed;
    this.#closed = false;
    await this.refresh();
    if (wasClosed) this.#helpers?.reopened();
  }

  #close(state: 'loading' | 'signed-out' | 'expired'): void {
    const isClosed = this.#closed && this.#state === state;
    this.#closed = true;
    this.#helpers?.closed();
    this.#pause.nudge();
    if (isClosed) return;
    this.#stage.say('');
    this.empty(state);
  }

  async #fetch(): Promise<void> {
    for (let tries = 1; !this.#closed; tries += 1) {
      const emptied = this.#emptied;
      const content = await askContent(this.#api, this.#etag);
      // Content that was requested before the frame was emptied is not shown.
      if (this.#closed || this.#emptied !== emptied) return;
      if (content.kind === 'rendering') await this.#pause.wait(content.after);
      else if (content.kind === 'unreachable') await this.#retryLater(tries);
      else return this.#take(content);
    }
  }

  /** The last content stays, with its age, as long as the session lasts. */
  async #retryLater(tries: number): Promise<void> {
    this.expireIfOver();
    this.#unreachable = true;
    this.#stage.say(words('unreachable'));
    await this.#pause.wait(backOff(tries));
  }

  #take(content: Exclude<Content, { kind: 'rendering' | 'unreachable' }>): void {
    if (this.#unreachable) this.#stage.say('');
    this.#unreachable = false;
    if (content.kind === 'expired') {
      this.#lease.end();
      this.hold();
      this.#helpers?.unauthorized();
    } else if (content.kind === 'refused') {
      this.#close('expired');
      this.#stage.say(content.message);
      this.#link.send({ type: 'error', code: content.code });
    } else this.#present(content);
  }

  #present(content: Extract<Content, { kind: 'content' | 'unchanged' }>): void {
    this.#stage.setRequestId(content.requestId);
    this.#standing = content.standing;
    if (content.kind === 'content') {
      if (this.#helpers?.screens(content.state)) return;
      this.#etag = content.etag;
      this.#stage.show(content.html);
      if (content.state !== this.#state) this.enter(content.state);
    }
    this.#stage.setFetched(content.fetchedAt);
  }
}
