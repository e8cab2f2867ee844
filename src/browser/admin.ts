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

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-oriel-copy]'))
  offerCopying(button);
