/** How long a refresh may take, ms: longer than a token request does, so that its lease is never lost by a process that is still at work. */
export const LONGEST_REFRESH = 30_000;

/** The process that an owner of a refresh lease names. */
export const processOf = (owner: string): string => owner.split(' ', 1)[0] ?? '';
