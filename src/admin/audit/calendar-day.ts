const DAY = 24 * 60 * 60_000;
const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days before the year in the proleptic Gregorian calendar. */
const daysBeforeYear = (year: number): number => {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
};

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lengthsOf = (year: number): readonly number[] => [
  31,
  isLeap(year) ? 29 : 28,
  31,
  30,
  31,
  30,
  31,
  31,
  30,
  31,
  30,
  31,
];

const DAYS_TO_EPOCH = daysBeforeYear(1970);

/** When the day `YYYY-MM-DD` begins and when the next one does, in UTC and epoch milliseconds; null when there is no such day. */
export const dayOf = (text: string): { readonly begin: number; readonly end: number } | null => {
  const [, year = 0, month = 0, day = 0] = (FORM.exec(text) ?? []).map(Number);
  const lengths = lengthsOf(year);
  const length = lengths[month - 1];
  if (year < 1970 || length === undefined || day < 1 || day > length) return null;
  const past = lengths.slice(0, month - 1).reduce((sum, each) => sum + each, 0);
  const begin = (daysBeforeYear(year) - DAYS_TO_EPOCH + past + day - 1) * DAY;
  return { begin, end: begin + DAY };
};
