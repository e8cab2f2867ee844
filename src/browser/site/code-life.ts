import { pageLocale } from './page-locale.js';

const SECOND = 1000;

const inUnit = (unit: 'minute' | 'second', count: number): string =>
  new Intl.NumberFormat(pageLocale(), { style: 'unit', unit, unitDisplay: 'short' }).format(count);

const written = (seconds: number): string => {
  const rest = inUnit('second', seconds % 60);
  return seconds < 60 ? rest : `${inUnit('minute', Math.floor(seconds / 60))} ${rest}`;
};

/** Counts down how long the code on this page still works, and reloads the page when it has expired. */
export const countDownCode = (): void => {
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
