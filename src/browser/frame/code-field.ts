/** The field for the code that the connect page shows. */
export interface CodeField {
  value(): string;
  /** Says, aloud too, why the code was not taken, and gives the field back to the person. */
  refuse(sentence: string): void;
  /** While the code is on its way nothing else is sent. */
  busy(busy: boolean): void;
}

/** The field as it is on the page now; null when another step is shown. */
export const codeField = (): CodeField | null => {
  const input = document.querySelector<HTMLInputElement>('#oriel-code');
  const error = document.querySelector<HTMLElement>('#oriel-code-error');
  const button = document.querySelector<HTMLButtonElement>('[data-oriel-action="enter-code"]');
  if (input === null || error === null || button === null) return null;
  return {
    value: () => input.value,
    refuse(sentence) {
      // Emptied first: the same sentence twice is said twice.
      error.textContent = '';
      error.hidden = false;
      error.textContent = sentence;
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      input.select();
    },
    busy(busy) {
      // Not `disabled`, which would take the focus away.
      button.setAttribute('aria-disabled', String(busy));
      input.readOnly = busy;
    },
  };
};
