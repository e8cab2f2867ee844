/** `warning`: works, at least mostly, but deserves a look. `unchecked`: could not be determined, or needs a person to try it. */
export type Level = 'good' | 'warning' | 'problem' | 'unchecked';

/** The result of one check. No line contains a token, a subject, a name or anything else about a viewer. */
export interface Line {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly message: string;
  /** What to do about it, in a sentence; null only for a good result. */
  readonly fix: string | null;
}

export const WORDS: Readonly<Record<Level, string>> = {
  good: 'Good',
  warning: 'Warning',
  problem: 'Problem',
  unchecked: 'Not checked',
};

/** What to do if the doctor's own frame did not answer. */
export const LET_FRAMES_IN =
  'Fix frame-src first if it has a problem. Otherwise, check whether this browser can reach the gadget server.';

/** Creates the lines of one check. */
export const about = (id: string, title: string) => ({
  good: (message: string): Line => ({ id, title, level: 'good', message, fix: null }),
  warning: (message: string, fix: string): Line => ({ id, title, level: 'warning', message, fix }),
  problem: (message: string, fix: string): Line => ({ id, title, level: 'problem', message, fix }),
  unchecked: (message: string, fix: string): Line => ({ id, title, level: 'unchecked', message, fix }),
});

/** The worst level of the lines; `unchecked` counts as good. */
export const worst = (lines: readonly Line[]): Level =>
  lines.some(({ level }) => level === 'problem')
    ? 'problem'
    : lines.some(({ level }) => level === 'warning')
      ? 'warning'
      : 'good';

export const summaryOf = (lines: readonly Line[]): string => {
  const count = (level: Level): number => lines.filter((line) => line.level === level).length;
  const problems = count('problem');
  const warnings = count('warning');
  if (problems > 0) return `Found ${problems} ${problems === 1 ? 'problem' : 'problems'} with this page.`;
  if (warnings > 0) return `No problems found, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
  return 'No problems found.';
};

/** The whole report as text, for a ticket or an email. */
export const asText = (
  lines: readonly Line[],
  where: Readonly<Record<'page' | 'host' | 'gadget' | 'gadgetOrigin', string>>,
): string =>
  [
    `Embed doctor: ${summaryOf(lines)}`,
    `Page ${where.page}, host “${where.host}”, gadget “${where.gadget}”, gadgets from ${where.gadgetOrigin}`,
    navigator.userAgent,
    '',
    ...lines.map(
      ({ title, level, message, fix }) =>
        `[${WORDS[level]}] ${title}: ${message}${fix === null ? '' : ` To fix this: ${fix}`}`,
    ),
  ].join('\n');
