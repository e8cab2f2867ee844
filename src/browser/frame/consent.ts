import type { Api } from './api.js';
import type { FrameData } from './data.js';
import { flowApi, type Intent } from './flow-api.js';
import { type Ending, type Following, follow } from './following.js';
import { openWithTicket } from './handover.js';
import { type LinkSteps, linkSteps } from './link-steps.js';
import type { Showing } from './showing.js';
import type { Stage } from './stage.js';

const POPUP = 'popup,width=560,height=720';
const NO_WINDOW =
  'If no window has opened, allow this site to open windows and press the button again. If one has opened and asks you to ' +
  'start here, the page around this gadget keeps the two apart; its administrator can change that.';
const NOT_YET = 'The other page is not finished yet, or was not opened.';
const CHANGED = 'How connecting works here was changed meanwhile. Please reload the page.';

export interface Consent {
  /** Opens the popup, or shows the link that leads to the same page; within the click. */
  start(provider: string, intent: Intent): void;
  /** Waits for a consent that a frame before this one has begun. */
  resume(): Promise<void>;
  /** Whether the waiting page stays although this state came. */
  screens(state: string): boolean;
  /** Gives up waiting; the consent itself may still be finished. */
  leave(): void;
  /** Looks at once. */
  look(): void;
  /** Looks at once, and says so when nothing has changed: somebody asked. */
  ask(): Promise<void>;
  /** Hands in the code that stands in its field. */
  enterCode(): Promise<void>;
}

/** `overContent`: the viewer has a Connection already, and what it shows is no sign that this consent has ended. */
interface Wait {
  readonly overContent: boolean;
  /** Where a link begins the consent. */
  readonly steps: LinkSteps | null;
  flow: string | null;
  following: Following | null;
}

const needsViewer = (state: string): boolean => state === 'connect' || state === 'reconnect';

/** The viewer's consents, as this frame begins and awaits them. */
export const consent = (parts: {
  readonly api: Api;
  readonly siteOrigin: string;
  readonly connectMode: FrameData['connectMode'];
  readonly showing: Showing;
  readonly stage: Stage;
  /** Tells the other frames of this site to look again. */
  readonly connected: () => void;
}): Consent => {
  const { api, showing, stage } = parts;
  const flows = flowApi(api, () => showing.renew());
  let wait: Wait | null = null;

  const leave = (): void => {
    wait?.following?.stop();
    wait = null;
  };

  const end = async (mine: Wait, { connected, sentence }: Ending): Promise<void> => {
    if (wait !== mine) return;
    leave();
    if (connected) parts.connected();
    await showing.refresh();
    stage.say(sentence);
  };

  const followFor = (mine: Wait, flow: string): void => {
    mine.flow = flow;
    mine.following = follow({
      api,
      flow,
      unauthorized: () => showing.renew(),
      progressed: (status) => mine.steps?.show(status),
      ended: (ending) => void end(mine, ending),
    });
  };

  /** The ticket for the popup, or null when no flow could be begun; in a link it is shown at once. */
  const begin = async (mine: Wait, provider: string, intent: Intent): Promise<string | null> => {
    const begun = await flows.begin(provider, intent);
    if (wait !== mine) return null;
    if ('refused' in begun || begun.linked !== (mine.steps !== null)) {
      await end(mine, { connected: false, sentence: 'refused' in begun ? begun.refused : CHANGED });
      return null;
    }
    const path = intent === 'visit' ? '/connections' : '/connect';
    mine.steps?.offer(`${parts.siteOrigin}${path}#${begun.ticket}`);
    followFor(mine, begun.flow);
    return begun.ticket;
  };

  /** Takes what is shown away and waits: over a link where the host has those, else for a window. */
  const waitFor = (provider: string, linked: boolean, overContent: boolean, intent: Intent): Wait => {
    const steps = linked ? linkSteps(stage, provider, intent === 'visit') : null;
    const mine: Wait = { overContent, steps, flow: null, following: null };
    leave();
    wait = mine;
    return mine;
  };

  return {
    start(provider, intent) {
      const overContent = wait?.overContent ?? !needsViewer(showing.state);
      const mine = waitFor(provider, parts.connectMode !== 'opener', overContent, intent);
      const ticket = () => begin(mine, provider, intent);
      const opened = mine.steps !== null || openWithTicket(parts.siteOrigin, '/connect', POPUP, ticket);
      showing.empty('waiting', provider, mine.steps?.pageOf('link') ?? 'waiting');
      stage.say(opened ? '' : NO_WINDOW);
      if (mine.steps !== null) void ticket();
    },
    async resume() {
      const [newest] = await flows.pending();
      const { flow, provider, mode, status } = newest ?? {};
      if (typeof flow !== 'string' || typeof provider !== 'string') return;
      if (wait !== null || !needsViewer(showing.state)) return;
      const mine = waitFor(provider, mode !== 'opener', false, 'connect');
      showing.empty('waiting', provider, mine.steps?.pageOf('away') ?? 'waiting');
      mine.steps?.show(String(status));
      followFor(mine, flow);
    },
    screens(state) {
      if (wait === null) return false;
      if (wait.overContent || needsViewer(state)) return true;
      leave();
      return false;
    },
    leave,
    look: () => void wait?.following?.look(),
    async ask() {
      const mine = wait;
      const before = mine?.steps?.step();
      await mine?.following?.look();
      if (mine !== null && wait === mine && mine.steps?.step() === before) stage.say(NOT_YET);
    },
    async enterCode() {
      const mine = wait;
      if (mine === null || mine.flow === null || !(await flows.enterCode(mine.flow))) return;
      if (wait === mine) await mine.following?.look();
    },
  };
};
