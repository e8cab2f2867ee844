import type { Data } from '../../domain/data.js';

const DAY = 86_400_000;
/** A day, or a day and time, that is a text of its own. */
const DATED = /^(\d{4}-\d\d-\d\d)(?=$|[Tt ]\d)/;
/** Seconds of the epoch with a fraction, as Slack writes them: no number that only names something looks so. */
const SECONDS = /^(\d{10})(?=\.\d{1,9}$)/;

const movedText = (text: string, days: number): string =>
  text
    .replace(DATED, (written) => {
      const at = Date.parse(`${written}T00:00:00Z`);
      return Number.isNaN(at) ? written : new Date(at + days * DAY).toISOString().slice(0, 10);
    })
    .replace(SECONDS, (written) => String(Number(written) + (days * DAY) / 1000));

const moved = (data: Data, days: number): Data => {
  if (Array.isArray(data)) return data.map((each: Data) => moved(each, days));
  if (typeof data === 'object' && data !== null)
    return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, moved(value, days)]));
  return typeof data === 'string' ? movedText(data, days) : data;
};

/** The day of a moment, as a number. */
export const dayOf = (at: number): number => Math.floor(at / DAY);

/**
 * What was recorded then, as it is answered now: its days are moved by as many as lie between, its times of day stay. A gadget that shows
 * what is near in time would show nothing of an old sample. `then` and `now` are epoch milliseconds.
 */
export const movedDays = (data: Data, then: number, now: number): Data => {
  const days = dayOf(now) - dayOf(then);
  return days === 0 ? data : moved(data, days);
};
