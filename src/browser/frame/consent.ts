import type { Api } from './api.js';
import type { FrameData } from './data.js';
import {
  type Ending,
  type FlowApi,
  type Following,
  flowApi,
  follow,
  type Intent,
  type PendingFlow,
} from './flow-api.js';
import { type Fetched, openWithTicket } from './handover.js';
import type { Showing } from './showing.js';
import type { FramePage, LinkStep, Stage } from './stage.js';
import { words } from './words.js';

/** The steps of a consent that starts with a link, or of a visit to My connections, as this frame shows them. */
interface LinkSteps {
  /** Shows the link; only this frame knows its URL. */
  offer(address: string): void;
  /** Shows the step for a flow's status. */
  show(status: string): void;
  /** The step that is shown. */
  step(): LinkStep | null;
  /** The page of a step. */
  pageOf(step: LinkStep): FramePage;
}

const focus = (selector: string): void => {
  // Does not take the focus from elsewhere on the page.
  if (document.hasFocus()) document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
};

/** The step follows from the flow's status on the server: a window can't know what happened in another. */
const linkSteps = (stage: Stage, provider: string, visits: boolean): LinkSteps => {
  let address: string | null = null;
  let shown: LinkStep | null = null;
  const pageOf = (step: LinkStep): FramePage => (visits ? `visit-${step}` : step);

  const stepOf = (status: string): LinkStep => {
    if (status === 'coded') return 'code';
    return status === 'started' && address !== null ? 'link' : 'away';
  };
  const enter = (step: LinkStep): void => {
    shown = step;
    stage.showState(pageOf(step), provider);
    // The browser that opened it can open it again and continues at the same step.
    if (step === 'away' && address !== null) stage.offerLink(address);
  };

  return {
    offer(href) {
      address = href;
      if (shown !== 'link') enter('link');
      stage.offerLink(href);
      focus('[data-oriel-link]');
    },
    show(status) {
      const step = stepOf(status);
      if (step === shown) return;
      enter(step);
      stage.say('');
      if (step === 'code') focus('#oriel-code');
    },
    step: () => shown,
    pageOf,
  };
};

const POPUP = 'popup,width=560,height=720';

export interface Consent {
  /** Opens the popup, or shows the link to the same page. Must be called within the click. */
  start(provider: string, intent: Intent): void;
  /**
   * Follows a consent that an earlier frame started, and shows its result. Until then the frame keeps its own content, except for the
   * step in which the person enters a code here.
   */
  resume(): Promise<void>;
  /** Cancels the consent that this frame waits for, on every page of this viewer. */
  cancel(): Promise<void>;
  /** Whether the waiting page stays although this state arrived. */
  screens(state: string): boolean;
  /** Stops waiting; the consent itself may still be finished. */
  leave(): void;
  /** Checks the consent now. */
  look(): void;
  /** Checks the consent now, and tells the person who asked if nothing has changed. */
  ask(): Promise<void>;
  /** Submits the code that was entered. */
  enterCode(): Promise<void>;
}

/** `overContent`: the viewer already has a Connection, so content does not mean that this consent has ended. */
interface Wait {
  readonly provider: string;
  readonly overContent: boolean;
  /** Set if the consent starts with a link. */
  readonly steps: LinkSteps | null;
  flow: string | null;
  following: Following | null;
  /** The person canceled it. */
  cancelled: boolean;
}

/** What says that a part of the content needs a Connection. */
const LACKING = '[data-oriel-missing="connect"], [data-oriel-missing="reconnect"]';

const needsViewer = (state: string): boolean => state === 'connect' || state === 'reconnect';

interface Parts {
  readonly api: Api;
  readonly siteOrigin: string;
  /** The query that sets the frame's language on pages of the site origin. */
  readonly spoken: string;
  readonly connectMode: FrameData['connectMode'];
  readonly showing: Showing;
  readonly stage: Stage;
  /** Tells the other frames of this site to refresh. */
  readonly connected: () => void;
}

/** The viewer's consents that this frame starts and waits for. */
export const consent = (parts: Parts): Consent => new Consents(parts);

class Consents implements Consent {
  readonly #parts: Parts;
  readonly #flows: FlowApi;
  #wait: Wait | null = null;
  /** One that another page started. */
  #followed: Following | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#flows = flowApi(parts.api, () => parts.showing.renew());
  }

  start(provider: string, intent: Intent): void {
    const { connectMode, showing, siteOrigin, spoken, stage } = this.#parts;
    const overContent = this.#wait?.overContent ?? !needsViewer(showing.state);
    // The window is opened again: the attempt that it replaces must not count against the person.
    if (this.#wait?.flow) void this.#flows.cancel(this.#wait.flow);
    const mine = this.#waitFor(provider, connectMode !== 'opener', overContent, intent);
    const ticket = () => this.#requestTicket(mine, provider, intent);
    const opened = mine.steps !== null || openWithTicket(siteOrigin, `/connect${spoken}`, POPUP, ticket);
    showing.empty('waiting', provider, mine.steps?.pageOf('link') ?? 'waiting');
    stage.say(opened ? '' : words('noWindow'));
    if (mine.steps !== null) void ticket();
  }

  async resume(): Promise<void> {
    if (!this.#lacksConnection()) return;
    const [newest] = await this.#flows.pending();
    if (newest === undefined || this.#wait !== null || !this.#lacksConnection()) return;
    const { flow, provider, mode, status } = newest;
    // Another page may be following it, so this step is shown right away.
    if (status === 'coded') this.#askForCode(flow, provider, mode !== 'opener');
    else this.#followBeside(flow, provider, mode !== 'opener');
  }

  async cancel(): Promise<void> {
    const mine = this.#wait;
    if (mine === null) return;
    const failed = mine.flow === null ? null : await this.#flows.cancel(mine.flow);
    if (this.#wait !== mine) return;
    if (failed !== null) return this.#parts.stage.say(failed);
    mine.cancelled = true;
    await this.#end(mine, { connected: false, sentence: words('cancelled') });
    this.#parts.connected();
  }

  screens(state: string): boolean {
    if (this.#wait === null) return false;
    if (this.#wait.overContent || needsViewer(state)) return true;
    this.leave();
    return false;
  }

  leave(): void {
    this.#followed?.stop();
    this.#followed = null;
    this.#wait?.following?.stop();
    this.#wait = null;
  }

  look(): void {
    void (this.#wait?.following ?? this.#followed)?.look();
  }

  async ask(): Promise<void> {
    const mine = this.#wait;
    const before = mine?.steps?.step();
    await mine?.following?.look();
    if (mine !== null && this.#wait === mine && mine.steps?.step() === before)
      this.#parts.stage.say(words('notYet'));
  }

  async enterCode(): Promise<void> {
    const mine = this.#wait;
    if (mine === null || mine.flow === null || !(await this.#flows.enterCode(mine.flow))) return;
    if (this.#wait === mine) await mine.following?.look();
  }

  /** Whether a consent would show more here: all of the gadget waits for one, or a part of it. */
  #lacksConnection(): boolean {
    return needsViewer(this.#parts.showing.state) || document.querySelector(LACKING) !== null;
  }

  async #end(mine: Wait, { connected, sentence }: Ending): Promise<void> {
    const { provider } = mine;
    if (this.#wait !== mine) return;
    this.leave();
    if (connected) this.#parts.connected();
    const next = connected ? await this.#nextAfter(provider) : undefined;
    await this.#parts.showing.refresh();
    this.#parts.stage.say(sentence);
    if (next !== undefined) this.#goOn(next);
  }

  /** The consent that the window of the one before went on with. */
  async #nextAfter(provider: string): Promise<PendingFlow | undefined> {
    return (await this.#flows.pending()).find(({ after }) => after === provider);
  }

  /** What is there already is shown; where all of it is still missing, this frame waits for the window. */
  #goOn({ flow, provider, mode }: PendingFlow): void {
    const linked = mode !== 'opener';
    if (this.#wait !== null || this.#followed !== null) return;
    if (!needsViewer(this.#parts.showing.state)) {
      this.#followBeside(flow, provider, linked);
      return;
    }
    const mine = this.#waitFor(provider, linked, false, 'connect');
    this.#parts.showing.empty('waiting', provider, mine.steps?.pageOf('away') ?? 'waiting');
    this.#followFor(mine, flow);
  }

  #followFor(mine: Wait, flow: string): void {
    mine.flow = flow;
    mine.following = follow({
      api: this.#parts.api,
      flow,
      unauthorized: () => this.#parts.showing.renew(),
      progressed: (status) => mine.steps?.show(status),
      ended: (ending) => void this.#end(mine, ending),
    });
  }

  /** Follows a consent that another page of this viewer started, while this frame keeps its content. */
  #followBeside(flow: string, provider: string, linked: boolean): void {
    const { api, connected, showing } = this.#parts;
    this.leave();
    this.#followed = follow({
      api,
      flow,
      unauthorized: () => showing.renew(),
      progressed: (status) => {
        if (status !== 'coded' || this.#wait !== null || !this.#lacksConnection()) return;
        // One frame of a page polls for all of them.
        connected();
        this.#askForCode(flow, provider, linked);
      },
      ended: (ending) => {
        this.#followed = null;
        if (ending.connected) connected();
        void this.#afterwards(provider, ending.connected);
      },
    });
  }

  async #afterwards(provider: string, isConnected: boolean): Promise<void> {
    const next = isConnected ? await this.#nextAfter(provider) : undefined;
    await this.#parts.showing.refresh();
    if (next !== undefined && this.#wait === null && this.#followed === null)
      this.#followBeside(next.flow, next.provider, next.mode !== 'opener');
  }

  #askForCode(flow: string, provider: string, linked: boolean): void {
    const overContent = !needsViewer(this.#parts.showing.state);
    const mine = this.#waitFor(provider, linked, overContent, 'connect');
    this.#parts.showing.empty('waiting', provider, mine.steps?.pageOf('code') ?? 'waiting');
    mine.steps?.show('coded');
    this.#followFor(mine, flow);
  }

  /** The ticket for the popup, or why no flow could be started; for a link the reason is shown here at once. */
  async #requestTicket(mine: Wait, provider: string, intent: Intent): Promise<Fetched> {
    const started = await this.#flows.start(provider, intent);
    if (this.#wait !== mine) {
      // Canceled before the server answered.
      if (mine.cancelled && 'flow' in started) await this.#flows.cancel(started.flow);
      return { refused: words('givenUp') };
    }
    if ('refused' in started || started.linked !== (mine.steps !== null)) {
      const refused = 'refused' in started ? started.refused : words('changed');
      void this.#end(mine, { connected: false, sentence: refused });
      return { refused };
    }
    const path = intent === 'visit' ? '/connections' : '/connect';
    mine.steps?.offer(`${this.#parts.siteOrigin}${path}${this.#parts.spoken}#${started.ticket}`);
    this.#followFor(mine, started.flow);
    return { ticket: started.ticket };
  }

  /** Removes the content and waits: for a link if the host's mode uses links, otherwise for a window. */
  #waitFor(provider: string, linked: boolean, overContent: boolean, intent: Intent): Wait {
    const steps = linked ? linkSteps(this.#parts.stage, provider, intent === 'visit') : null;
    const mine: Wait = { provider, overContent, steps, flow: null, following: null, cancelled: false };
    this.leave();
    this.#wait = mine;
    return mine;
  }
}
