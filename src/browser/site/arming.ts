/** How long buttons stay disabled after a page came into view, ms: shorter than reading takes, longer than a lured second click. */
const INERT = 700;

const EVIDENCE = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/**
 * Keeps buttons marked `data-oriel-arm` disabled until the page has been in view for a moment and the person has interacted with it, so
 * that a double click that started on another page can't end on ours (T7). Leaving the window starts this again.
 */
export const armButtons = (root: ParentNode): void => {
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
