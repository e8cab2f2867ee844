import { takeData } from './frame/data.js';
import { reportHeight } from './frame/height.js';
import { envelope, type FrameMessage } from './shared/messages.js';

interface RelaunchData {
  readonly hostOrigins: readonly string[];
  /** The names of the gadget's parameters, if the gadget is known. */
  readonly parameters?: readonly string[];
  /** Why a launch was refused; null after a reload or Back. */
  readonly code: string | null;
  /** Whether another launch may succeed. */
  readonly relaunch: boolean;
}

/** The host page answers by replacing this frame. */
const UNANSWERED_AFTER = 2_000;

const data = takeData<RelaunchData>('oriel-relaunch');
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
