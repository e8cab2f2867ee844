/** The names under which API and commands give times; `brokenAt` of the audit log is the number of an entry. */
const IS_TIME =
  /^(?:at|from|to|until|since|(?:created|updated|leaving|started|closed|finished|lastUsed|lastSignIn|expires|revoked|seen|stopped|taken|set)At)$/;

/** The furthest times that a date can say, ms (ECMA-262 §21.4.1.1). */
const FURTHEST = 8.64e15;

/** For `JSON.stringify`: epoch milliseconds under the name of a time become ISO 8601 in UTC, as API and commands give times. */
export const timesAsIso = (name: string, value: unknown): unknown =>
  typeof value === 'number' && IS_TIME.test(name) && Math.abs(value) <= FURTHEST
    ? // biome-ignore lint/style/noRestrictedGlobals: this writes a time down, and asks no clock.
      new Date(value).toISOString()
    : value;
