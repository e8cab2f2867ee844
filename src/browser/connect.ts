import { htmlWriter } from './shared/trusted-html.js';
import { offerClosing } from './site/closing.js';
import { ticketFromFragment } from './site/fragment.js';
import { ticketFromOpener } from './site/handover.js';
import { watchModality } from './site/modality.js';
import { pageLocale } from './site/page-locale.js';
import { postJson, showRefusal, showSection } from './site/sections.js';

/** How long buttons stay disabled after a page came into view, ms: shorter than reading takes, longer than a lured second click. */
const INERT = 700;

const EVIDENCE = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/**
 * Keeps buttons marked `data-oriel-arm` disabled until the page has been in view for a moment and the person has interacted with it, so
 * that a double click that started on another page can't end on ours (T7). Leaving the window starts this again.
 */
const armButtons = (root: ParentNode): void => {
  const buttons = [...root.querySelectorAll<HTMLButtonElement>('button[data-oriel-arm]')];
  if (buttons.length === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let touched = false;

  const disarm = (): void => {
    clearTimeout(timer);
    timer = undefined;
    touched = false;
    for (const button of buttons) button.disabled = true;
  };
  const arm = (): void => {
    if (timer !== undefined || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    timer = setTimeout(() => {
      for (const button of buttons) button.disabled = false;
    }, INERT);
  };
  const touch = (event: Event): void => {
    if (event.isTrusted && !buttons.some((button) => button.disabled)) touched = true;
    arm();
  };

  for (const button of buttons)
    button.addEventListener('click', (event) => {
      if (!touched) event.preventDefault();
    });
  for (const kind of EVIDENCE) document.addEventListener(kind, touch, { capture: true, passive: true });
  window.addEventListener('focus', arm);
  window.addEventListener('blur', disarm);
  document.addEventListener('visibilitychange', () =>
    document.visibilityState === 'visible' ? arm() : disarm(),
  );
  disarm();
  arm();
};

const SECOND = 1000;

const inUnit = (unit: 'minute' | 'second', count: number): string =>
  new Intl.NumberFormat(pageLocale(), { style: 'unit', unit, unitDisplay: 'short' }).format(count);

const written = (seconds: number): string => {
  const rest = inUnit('second', seconds % 60);
  return seconds < 60 ? rest : `${inUnit('minute', Math.floor(seconds / 60))} ${rest}`;
};

/** Counts down how long the code on this page still works, and reloads the page when it has expired. */
const countDownCode = (): void => {
  const element = document.querySelector<HTMLElement>('[data-oriel-seconds]');
  if (element === null) return;
  // Not the wall clock, which can be changed.
  const end = performance.now() + Number(element.dataset.orielSeconds) * SECOND;
  const tick = (): void => {
    const left = Math.ceil((end - performance.now()) / SECOND);
    if (left > 0) element.textContent = written(left);
    else location.reload();
    if (left > 0) setTimeout(tick, SECOND);
  };
  tick();
};

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

/** How often the page of a code asks whether it was entered, ms. */
const ENTERED_EVERY = 2000;

/** Leaves the page of a code when it was entered in the gadget: for the next provider, or for the end. */
const leaveEnteredCode = (): void => {
  if (document.querySelector('[data-oriel-page="code"]') === null) return;
  const ask = async (): Promise<void> => {
    const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null);
    const isOver = answer?.ok === true && !(await answer.text()).includes('data-oriel-page="code"');
    if (isOver) location.reload();
    else setTimeout(look, ENTERED_EVERY);
  };
  const look = (): void => void (document.hidden ? setTimeout(look, ENTERED_EVERY) : ask());
  setTimeout(look, ENTERED_EVERY);
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
leaveEnteredCode();
reloadInProgress();
watchModality();
offerClosing();
