/** The field for the code that the connect page shows. */
export interface CodeField {
  value(): string;
  /** Shows why the code was not accepted, also to screen readers, and returns the focus to the field. */
  refuse(sentence: string): void;
  /** While a code is being sent, no other can be. */
  busy(busy: boolean): void;
}

/** The field that is on the page now; null if another step is shown. */
export const codeField = (): CodeField | null => {
  const input = document.querySelector<HTMLInputElement>('#oriel-code');
  const error = document.querySelector<HTMLElement>('#oriel-code-error');
  const button = document.querySelector<HTMLButtonElement>('[data-oriel-action="enter-code"]');
  if (input === null || error === null || button === null) return null;
  return {
    value: () => input.value,
    refuse(sentence) {
      // Emptied first, so that a screen reader repeats the same sentence.
      error.textContent = '';
      error.hidden = false;
      error.textContent = sentence;
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      input.select();
    },
    busy(busy) {
      // Not `disabled`, which would move the focus.
      button.setAttribute('aria-disabled', String(busy));
      input.readOnly = busy;
    },
  };
};
