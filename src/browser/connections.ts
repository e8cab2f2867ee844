import { offerClosing } from './site/closing.js';
import { ticketFromFragment } from './site/fragment.js';
import { ticketFromOpener } from './site/handover.js';
import { watchModality } from './site/modality.js';
import { pageLocale } from './site/page-locale.js';
import { postJson, showRefusal, showSection } from './site/sections.js';

/** Shows the page's times in this browser's time zone: the server doesn't know it and writes UTC. */
const writeTimes = (): void => {
  const locale = pageLocale();
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' });
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const instant = Date.parse(element.dateTime);
    // A date without a time is the same in every zone.
    if (Number.isNaN(instant) || !element.dateTime.includes('T')) continue;
    element.textContent = format.format(instant);
    element.title = exact.format(instant);
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-oriel-zone]'))
    element.textContent = format.resolvedOptions().timeZone;
};

/** The query of this page once the server knows whose connections it shows. */
const MINE = '?mine';

/** Shows why nothing was opened. The list on the page may be another viewer's, so it is removed. */
const refuse = (page: HTMLElement, content: Readonly<Record<string, unknown>>): void => {
  if (page.dataset.orielPage === 'list') page.textContent = String(content.detail ?? '');
  page.hidden = false;
  showRefusal(content);
};

/**
 * A window that a gadget opened shows the connections of that gadget's viewer, even if this browser has a session of another one: so
 * each new window asks its opener first.
 */
const open = async (page: HTMLElement, gadgetOrigin: string): Promise<void> => {
  const list = page.dataset.orielPage === 'list';
  if (list) page.hidden = true;
  const handed = await ticketFromOpener(gadgetOrigin, list ? 3000 : 10_000);
  page.hidden = false;
  if (handed === null) return list ? undefined : showSection('oriel-help');
  if ('refused' in handed) return refuse(page, { detail: handed.refused });
  const { ok, content } = await postJson('/connections/open', { ticket: handed.ticket });
  if (ok) location.replace(`/connections${MINE}`);
  else refuse(page, content);
};

/** Opened by a link, from a gadget that can't open a window: the next page confirms the viewer. */
const visit = async (page: HTMLElement, ticket: string): Promise<void> => {
  if (page.dataset.orielPage === 'list') page.hidden = true;
  const { ok, content } = await postJson('/connections/visit', { ticket });
  if (ok && typeof content.next === 'string') location.replace(content.next);
  else refuse(page, content);
};

const page = document.querySelector<HTMLElement>('main[data-oriel-gadget-origin]');
const gadgetOrigin = page?.dataset.orielGadgetOrigin;
if (page && gadgetOrigin) {
  const ticket = ticketFromFragment();
  if (ticket !== null) void visit(page, ticket);
  else if (location.search === MINE) showSection('oriel-help');
  else void open(page, gadgetOrigin);
}
offerClosing();
writeTimes();
watchModality();
