import { armButtons } from './site/arming.js';
import { offerClosing } from './site/closing.js';
import { ticketFromOpener } from './site/handover.js';
import { postJson, showRefusal, showSection } from './site/sections.js';
import { htmlWriter } from './site/trusted-html.js';

/** Trades the opener's ticket for the first question, and asks it on this page. */
const open = async (page: HTMLElement, gadgetOrigin: string): Promise<void> => {
  const write = htmlWriter();
  const ticket = await ticketFromOpener(gadgetOrigin, 10_000);
  if (ticket === null) return showSection('oriel-help');
  const { ok, content } = await postJson('/connect/open', { ticket, via: 'opener' });
  if (!ok || typeof content.html !== 'string') return showRefusal(content);
  write(page, content.html);
  armButtons(page);
  const heading = page.querySelector('h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
};

const page = document.getElementById('oriel-connect');
const gadgetOrigin = page?.dataset.orielGadgetOrigin;
if (page && gadgetOrigin) void open(page, gadgetOrigin);
else armButtons(document);
offerClosing();
