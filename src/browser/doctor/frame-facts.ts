import { type DoctorFacts, type PopupOutcome, readDoctorMessage } from './messages.js';

/** Longer than any of our pages takes, even on a slow connection. */
const PATIENCE = 8_000;

/** The doctor's own frame: a page of the gadget origin that reports what the server knows, and what frames can do here. */
export interface Probe {
  readonly frame: HTMLIFrameElement;
  /** Null if there was no answer: something blocks frames of the gadget origin. */
  readonly facts: Promise<DoctorFacts | null>;
  /** Calls back when the person has tried the connect window. */
  onPopup(tried: (outcome: PopupOutcome) => void): void;
  end(): void;
}

/** Puts the doctor's frame into `place`. It receives the page's origins, and nothing about a viewer. */
export const openProbe = (
  place: Element,
  origin: string,
  asked: {
    readonly host: string;
    readonly gadget: string;
    readonly theme: string;
    readonly origins: readonly string[];
  },
): Probe => {
  const query = new URLSearchParams([
    ['host', asked.host],
    ['gadget', asked.gadget],
    ['theme', asked.theme],
    ...asked.origins.map((each): [string, string] => ['origin', each]),
  ]);
  const frame = document.createElement('iframe');
  frame.title = 'Embed doctor: what frames can do here';
  const listeners: ((outcome: PopupOutcome) => void)[] = [];
  const ended = new AbortController();
  const { signal } = ended;
  const facts = new Promise<DoctorFacts | null>((resolve) => {
    setTimeout(resolve, PATIENCE, null);
    const received = (event: MessageEvent): void => {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      const message = readDoctorMessage(event.data);
      if (message?.type === 'doctor-popup') for (const tried of listeners) tried(message.outcome);
      if (message?.type !== 'doctor-facts') return;
      frame.height = String(Math.min(400, Math.max(0, message.facts.height)));
      resolve(message.facts);
    };
    const violated = ({ blockedURI, disposition }: SecurityPolicyViolationEvent): void => {
      if (disposition === 'enforce' && blockedURI.startsWith(origin)) resolve(null);
    };
    addEventListener('message', received, { signal });
    document.addEventListener('securitypolicyviolation', violated, { signal });
  });
  frame.src = `${origin}/doctor?${query}`;
  frame.height = '0';
  place.replaceChildren(frame);
  return {
    frame,
    facts,
    onPopup: (tried) => void listeners.push(tried),
    end() {
      ended.abort();
      frame.remove();
    },
  };
};
