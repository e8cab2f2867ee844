import { takeData } from './frame/data.js';
import { reportHeight } from './frame/height.js';
import { envelope, type FrameMessage } from './shared/messages.js';

interface AgainData {
  readonly hostOrigins: readonly string[];
  /** The names of the gadget's parameters, where the gadget is known. */
  readonly parameters?: readonly string[];
  /** Why a launch was refused; null after a reload or Back. */
  readonly code: string | null;
  /** Whether another launch may mend it. */
  readonly relaunch: boolean;
}

/** The host page's answer is a new frame in place of this one. */
const UNANSWERED_AFTER = 2_000;

const data = takeData<AgainData>('oriel-again');
if (data !== null) {
  const send = (message: FrameMessage): void => {
    for (const origin of data.hostOrigins) window.parent.postMessage(envelope(message), origin);
  };
  if (data.parameters !== undefined) send({ type: 'parameters', names: data.parameters });
  if (data.code !== null) send({ type: 'error', code: data.code });
  if (data.relaunch) send({ type: 'relaunch', asked: false });
  reportHeight((height) => send({ type: 'resize', height }));
  setTimeout(() => {
    const words = document.getElementById('oriel-unanswered');
    if (words) words.hidden = false;
  }, UNANSWERED_AFTER);
}
