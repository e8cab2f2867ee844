let second = Number.NaN;
let written = '';

/**
 * An instant in epoch milliseconds as `Date.prototype.toISOString` writes it (RFC 3339 §5.6). For what is said of each request, mostly in
 * the second of the one before: writing the whole takes ten times as long.
 */
export const isoTime = (at: number): string => {
  const whole = Math.floor(at / 1000);
  if (whole !== second) {
    // biome-ignore lint/style/noRestrictedGlobals: this writes a time down, and asks no clock.
    written = new Date(whole * 1000).toISOString().slice(0, -4);
    second = whole;
  }
  return `${written}${String(Math.floor(at - whole * 1000)).padStart(3, '0')}Z`;
};
