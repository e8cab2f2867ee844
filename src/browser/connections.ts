import { offerClosing } from './site/closing.js';
import { ticketFromOpener } from './site/handover.js';
import { postJson, showRefusal, showSection } from './site/sections.js';

/** The query of this page once its window has told whose it is. */
const MINE = '?mine';

/**
 * A window that a gadget opened shows that gadget's viewer, whoever this browser remembers: so the opener is asked first, each time
 * a window is opened anew.
 */
const open = async (page: HTMLElement, gadgetOrigin: string): Promise<void> => {
  const list = page.dataset.orielPage === 'list';
  if (list) page.hidden = true;
  const ticket = await ticketFromOpener(gadgetOrigin, list ? 3000 : 10_000);
  page.hidden = false;
  if (ticket === null) return list ? undefined : showSection('oriel-help');
  const { ok, content } = await postJson('/connections/open', { ticket });
  if (ok) location.replace(`/connections${MINE}`);
  else {
    // What stands here may be another viewer's.
    if (list) page.textContent = String(content.detail ?? '');
    showRefusal(content);
  }
};

const page = document.querySelector<HTMLElement>('main[data-oriel-gadget-origin]');
const gadgetOrigin = page?.dataset.orielGadgetOrigin;
if (page && gadgetOrigin) {
  if (location.search === MINE) showSection('oriel-help');
  else void open(page, gadgetOrigin);
}
offerClosing();
