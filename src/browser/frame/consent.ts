import { type Api, textIn } from './api.js';
import { type Ending, type Following, follow } from './following.js';
import { openWithTicket } from './handover.js';
import type { Showing } from './showing.js';
import type { Stage } from './stage.js';

const POPUP = 'popup,width=560,height=720';
const NO_WINDOW =
  'If no window has opened, allow this site to open windows and press the button again. If one has opened and asks you to ' +
  'start here, the page around this gadget keeps the two apart; its administrator can change that.';

export type Intent = 'connect' | 'other-account';

export interface Consent {
  /** Opens the popup; within the click. */
  start(provider: string, intent: Intent): void;
  /** Waits for a consent that a frame before this one has begun. */
  resume(): Promise<void>;
  /** Whether the waiting page stays although this state came. */
  screens(state: string): boolean;
  /** Gives up waiting; the consent itself may still be finished. */
  leave(): void;
  /** Looks at once. */
  look(): void;
}

/** `overContent`: the viewer has a Connection already, and what it shows is no sign that this consent has ended. */
interface Wait {
  readonly overContent: boolean;
  following: Following | null;
}

const needsViewer = (state: string): boolean => state === 'connect' || state === 'reconnect';

/** The viewer's consents, as this frame begins and awaits them. */
export const consent = (parts: {
  readonly api: Api;
  readonly siteOrigin: string;
  readonly showing: Showing;
  readonly stage: Stage;
  /** Tells the other frames of this site to look again. */
  readonly connected: () => void;
}): Consent => {
  const { api, showing, stage } = parts;
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
    mine.following = follow(
      api,
      flow,
      () => showing.renew(),
      (ending) => void end(mine, ending),
    );
  };

  /** The ticket for the popup, or null when no flow could be begun. */
  const begin = async (mine: Wait, provider: string, intent: Intent): Promise<string | null> => {
    let answer = await api.post('/frame/flows', { provider, intent });
    if (answer?.status === 401 && (await showing.renew()) === 'renewed')
      answer = await api.post('/frame/flows', { provider, intent });
    const flow = textIn(answer, 'flow');
    if (flow === null) {
      const sentence = textIn(answer, 'detail') ?? 'This did not work just now. Please try again.';
      await end(mine, { connected: false, sentence });
      return null;
    }
    if (wait !== mine) return null;
    followFor(mine, flow);
    return textIn(answer, 'ticket');
  };

  return {
    start(provider, intent) {
      const mine: Wait = { overContent: wait?.overContent ?? !needsViewer(showing.state), following: null };
      leave();
      wait = mine;
      const opened = openWithTicket(parts.siteOrigin, '/connect', POPUP, () => begin(mine, provider, intent));
      showing.empty('waiting', provider);
      stage.say(opened ? '' : NO_WINDOW);
    },
    async resume() {
      const answer = await api.get('/frame/flows');
      const flows = answer?.fields.flows;
      const newest: unknown = Array.isArray(flows) ? flows[0] : null;
      if (typeof newest !== 'object' || newest === null || wait !== null) return;
      const { flow, provider } = newest as Readonly<Record<string, unknown>>;
      if (typeof flow !== 'string' || typeof provider !== 'string' || !needsViewer(showing.state)) return;
      wait = { overContent: false, following: null };
      showing.empty('waiting', provider);
      followFor(wait, flow);
    },
    screens(state) {
      if (wait === null) return false;
      if (wait.overContent || needsViewer(state)) return true;
      leave();
      return false;
    },
    leave,
    look: () => wait?.following?.look(),
  };
};
