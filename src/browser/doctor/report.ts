/** `look`: works, or works mostly; somebody should look at it. `unchecked`: could not be told, or waits for a person. */
export type Level = 'good' | 'look' | 'wrong' | 'unchecked';

/** One thing that was examined. No line holds a token, a subject, a name or anything else of a viewer. */
export interface Line {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly says: string;
  /** What to do about it, in a sentence; null only where all is good. */
  readonly mend: string | null;
}

export const WORDS: Readonly<Record<Level, string>> = {
  good: 'Good',
  look: 'Look',
  wrong: 'Wrong',
  unchecked: 'Not checked',
};

/** What to do where the doctor's own frame did not answer. */
export const LET_FRAMES_IN =
  'Mend frame-src first if it is wrong; if not, see whether this browser reaches the gadget server.';

/** Makes the lines of one subject. */
export const about = (id: string, title: string) => ({
  good: (says: string): Line => ({ id, title, level: 'good', says, mend: null }),
  look: (says: string, mend: string): Line => ({ id, title, level: 'look', says, mend }),
  wrong: (says: string, mend: string): Line => ({ id, title, level: 'wrong', says, mend }),
  unchecked: (says: string, mend: string): Line => ({ id, title, level: 'unchecked', says, mend }),
});

/** The worst of the lines; what was not checked is no fault. */
export const worst = (lines: readonly Line[]): Level =>
  lines.some(({ level }) => level === 'wrong')
    ? 'wrong'
    : lines.some(({ level }) => level === 'look')
      ? 'look'
      : 'good';

export const summaryOf = (lines: readonly Line[]): string => {
  const count = (level: Level): number => lines.filter((line) => line.level === level).length;
  const wrong = count('wrong');
  const look = count('look');
  if (wrong > 0)
    return `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong with this page’s embedding.`;
  if (look > 0) return `Nothing is wrong; ${look} ${look === 1 ? 'thing is' : 'things are'} worth a look.`;
  return 'All is well with this page’s embedding.';
};

/** The whole report as text for a ticket or a mail. */
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
      ({ title, level, says, mend }) =>
        `[${WORDS[level]}] ${title}: ${says}${mend === null ? '' : ` Mend: ${mend}`}`,
    ),
  ].join('\n');
