import { ticketFromFragment } from './site/fragment.js';
import { watchModality } from './site/modality.js';

/** How long a button says what it did, ms. */
const SHOWN_FOR = 2_000;

/** Shows the copy button next to its source if the browser lets scripts copy. */
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
      button.textContent = 'Copy failed: select the text instead';
    }
    setTimeout(() => {
      button.textContent = words;
    }, SHOWN_FOR);
  });
};

/** Puts the value of a field at the end of a shown URL, so that what is copied is what will be saved. */
const followField = (shown: HTMLElement): void => {
  const field = document.getElementById(shown.dataset.orielEnd ?? '');
  if (!(field instanceof HTMLInputElement)) return;
  const whole = shown.textContent ?? '';
  const before = whole.slice(0, whole.lastIndexOf('/') + 1);
  const follow = (): void => {
    shown.textContent = before + (field.value.trim() || 'ID');
  };
  field.addEventListener('input', follow);
  // A browser that returns to a page restores its fields.
  window.addEventListener('pageshow', follow);
};

/** Submits the token from a link's fragment in the body of a form. A link opened from this page only changes the fragment. */
const sendFragment = (form: HTMLFormElement): void => {
  const field = form.querySelector('input');
  const send = (): void => {
    const token = ticketFromFragment();
    if (field === null || token === null) return;
    field.value = token;
    form.requestSubmit();
    // Going back to this page must not bring the token back.
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
