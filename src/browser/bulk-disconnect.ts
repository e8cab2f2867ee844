/** How often to ask for the progress, ms, and how many times: the requests must not keep a session alive forever. */
const PAUSE = 2000;
const TIMES = 300;

type Figure = 'revoked' | 'asked' | 'nothing' | 'unrevoked' | 'left';

interface Progress extends Readonly<Record<Figure, number>> {
  readonly percent: number;
  readonly finished: boolean;
}

const show = (panel: HTMLElement, progress: Progress): void => {
  const bar = panel.querySelector('progress');
  if (bar !== null) bar.value = progress.percent;
  for (const place of panel.querySelectorAll<HTMLElement>('[data-oriel-figure]')) {
    const text = progress[place.dataset.orielFigure as Figure].toLocaleString(document.documentElement.lang);
    // Only if it changed: a screen reader announces every change.
    if (place.textContent !== text) place.textContent = text;
  }
};

/** Updates the page while it is visible; the server renders the finished one. */
const follow = async (panel: HTMLElement, address: string): Promise<void> => {
  for (let asked = 0; asked < TIMES; asked += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (document.hidden) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer === null) continue;
    // Signed out, or an error: the page then shows what happened.
    if (!answer.ok || answer.redirected) return location.reload();
    const progress = (await answer.json()) as Progress;
    if (progress.finished) return location.reload();
    show(panel, progress);
  }
};

const panel = document.querySelector<HTMLElement>('[data-oriel-bulk-disconnect]');
const address = panel?.dataset.orielBulkDisconnect;
if (panel && address) void follow(panel, address);
