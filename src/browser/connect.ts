import { htmlWriter } from './shared/trusted-html.js';
import { armButtons } from './site/arming.js';
import { offerClosing } from './site/closing.js';
import { countDownCode } from './site/code-life.js';
import { ticketFromFragment } from './site/fragment.js';
import { ticketFromOpener } from './site/handover.js';
import { watchModality } from './site/modality.js';
import { postJson, showRefusal, showSection } from './site/sections.js';

interface Given {
  readonly ticket: string;
  /** How it arrived. The server accepts a ticket only in the way of its host's connect mode. */
  readonly via: 'fragment' | 'opener';
}

const givenTicket = async (gadgetOrigin: string): Promise<Given | { readonly refused: string } | null> => {
  const linked = ticketFromFragment();
  if (linked !== null) return { ticket: linked, via: 'fragment' };
  const handed = await ticketFromOpener(gadgetOrigin, 10_000);
  return handed !== null && 'ticket' in handed ? { ...handed, via: 'opener' } : handed;
};

/** Submits the form that needs no confirmation. */
const submitAutomatic = (root: ParentNode): void =>
  root.querySelector<HTMLFormElement>('form[data-oriel-go]')?.requestSubmit();

/** Exchanges the ticket for the first question and shows it on this page, or continues automatically if the host is asked first. */
const open = async (page: HTMLElement, gadgetOrigin: string): Promise<void> => {
  const write = htmlWriter();
  const given = await givenTicket(gadgetOrigin);
  if (given === null) return showSection('oriel-help');
  if ('refused' in given) return showRefusal({ detail: given.refused });
  const { ok, content } = await postJson('/connect/open', { ...given });
  if (ok && typeof content.resume === 'string') return location.replace(content.resume);
  if (!ok || typeof content.html !== 'string' || typeof content.page !== 'string')
    return showRefusal(content);
  // Back, Forward and reload find the flow at this URL, at its current step.
  history.replaceState(null, '', content.page);
  write(page, content.html);
  armButtons(page);
  const heading = page.querySelector('h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
  submitAutomatic(page);
};

/** Reloads a page that shows something in progress. */
const reloadInProgress = (): void => {
  if (document.querySelector('[data-oriel-under-way]') !== null) setTimeout(() => location.reload(), 2000);
};

const page = document.getElementById('oriel-connect');
const gadgetOrigin = page?.dataset.orielGadgetOrigin;
if (page && gadgetOrigin) void open(page, gadgetOrigin);
else {
  armButtons(document);
  submitAutomatic(document);
}
countDownCode();
reloadInProgress();
watchModality();
offerClosing();
