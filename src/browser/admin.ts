import { ticketFromFragment } from './site/fragment.js';
import { watchModality } from './site/modality.js';

const SAID_FOR = 2_000;

/** Each button that copies stands beside what it copies, and is there only where a script can do it. */
const offerCopying = (button: HTMLButtonElement): void => {
  const source = document.getElementById(button.dataset.orielCopy ?? '');
  if (source === null || navigator.clipboard === undefined) return;
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not copied: select the text';
    }
    setTimeout(() => {
      button.textContent = words;
    }, SAID_FOR);
  });
};

/** The last part of an address is what a field says, so that what is copied is what will be. */
const followField = (shown: HTMLElement): void => {
  const field = document.getElementById(shown.dataset.orielEnd ?? '');
  if (!(field instanceof HTMLInputElement)) return;
  const whole = shown.textContent ?? '';
  const before = whole.slice(0, whole.lastIndexOf('/') + 1);
  const follow = (): void => {
    shown.textContent = before + (field.value.trim() || 'ID');
  };
  field.addEventListener('input', follow);
  // A browser that comes back to a page fills its fields in again.
  window.addEventListener('pageshow', follow);
};

/** Sends on what the fragment of a link holds, in the body of a form. A link opened from this very page only changes the fragment. */
const sendFragment = (form: HTMLFormElement): void => {
  const field = form.querySelector('input');
  const send = (): void => {
    const token = ticketFromFragment();
    if (field === null || token === null) return;
    field.value = token;
    form.requestSubmit();
    // Whoever comes back finds no token in the page either.
    field.value = '';
  };
  window.addEventListener('hashchange', send);
  send();
};

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-oriel-fragment]'))
  sendFragment(form);
for (const shown of document.querySelectorAll<HTMLElement>('[data-oriel-end]')) followField(shown);
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-oriel-copy]'))
  offerCopying(button);
watchModality();
