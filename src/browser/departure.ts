/** How often an unfinished departure is asked after, ms, and how many times: asking must not keep a session alive for ever. */
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
    // Written only when it changed: a screen reader tells what is written.
    if (place.textContent !== text) place.textContent = text;
  }
};

/** Keeps the page true while somebody looks at it; the finished page is the server's to write. */
const follow = async (panel: HTMLElement, address: string): Promise<void> => {
  for (let asked = 0; asked < TIMES; asked += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (document.hidden) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer === null) continue;
    // Signed out meanwhile, or the server moved on: the page says what is the matter.
    if (!answer.ok || answer.redirected) return location.reload();
    const progress = (await answer.json()) as Progress;
    if (progress.finished) return location.reload();
    show(panel, progress);
  }
};

const panel = document.querySelector<HTMLElement>('[data-oriel-departure]');
const address = panel?.dataset.orielDeparture;
if (panel && address) void follow(panel, address);
