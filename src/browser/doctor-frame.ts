import type {
  DoctorFacts,
  DoctorMessage,
  FrameStorage,
  PopupOutcome,
  ServerFacts,
} from './doctor/messages.js';
import { readPopupMessage } from './shared/messages.js';

/** Longer than the connect page needs to load. */
const PATIENCE = 8_000;

const storage = async (): Promise<FrameStorage> => {
  try {
    localStorage.setItem('oriel-doctor', '1');
    localStorage.removeItem('oriel-doctor');
  } catch {
    return 'blocked';
  }
  const open = await document.hasStorageAccess?.().catch(() => false);
  return open === false ? 'apart' : 'open';
};

/** Opens the connect page as a gadget would; that page sends a message to its opener. */
const tryWindow = (siteOrigin: string): Promise<PopupOutcome> => {
  let popup: Window | null = null;
  try {
    popup = window.open(`${siteOrigin}/connect`, '_blank', 'popup,width=420,height=320');
  } catch {
    // A sandbox without allow-popups throws in some browsers.
  }
  if (popup === null) return Promise.resolve('no-window');
  return new Promise((resolve) => {
    const end = (outcome: PopupOutcome): void => {
      clearTimeout(timer);
      removeEventListener('message', heard);
      popup.close();
      resolve(outcome);
    };
    const heard = (event: MessageEvent): void => {
      if (event.origin !== siteOrigin || event.source !== popup) return;
      if (readPopupMessage(event.data) !== null) end('answered');
    };
    const timer = setTimeout(end, PATIENCE, 'silent');
    addEventListener('message', heard);
  });
};

interface Given extends ServerFacts {
  /** The origin of the page around this one, as that page claims; with a wrong one our message is not delivered. */
  readonly page: string;
  readonly siteOrigin: string;
}

const block = document.getElementById('oriel-doctor');
const { page, siteOrigin, ...server } = JSON.parse(block?.textContent ?? '{}') as Given;
const send = (message: DoctorMessage): void => parent.postMessage({ oriel: 1, ...message }, page);

const button = document.querySelector<HTMLButtonElement>('button');
const said = document.querySelector<HTMLElement>('[role="status"]');
button?.addEventListener('click', async () => {
  if (said) said.textContent = 'A window opens and closes automatically.';
  const outcome = await tryWindow(siteOrigin);
  if (said) said.textContent = outcome === 'answered' ? 'The window answered.' : 'The window didn’t answer.';
  send({ type: 'doctor-popup', outcome });
});

void storage().then((found) => {
  const facts: DoctorFacts = {
    ...server,
    hasOrigin: window.origin !== 'null',
    storage: found,
    height: document.documentElement.getBoundingClientRect().height,
  };
  send({ type: 'doctor-facts', facts });
});
