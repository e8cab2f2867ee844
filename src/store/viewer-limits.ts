/**
 * What one viewer may have at the same time. Each is part of the very insert that adds one more, so that it holds however many ask at
 * once, on however many processes.
 */
export interface ViewerLimits {
  /** Attempts to connect within one flow's life that were left or failed. */
  readonly attempts: number;
  /** All attempts within one flow's life, those included that the person cancelled or finished. */
  readonly attemptsInAll: number;
  /** Tickets for My connections that can still be used. */
  readonly tickets: number;
  /** Frame sessions in force: each gadget on each open page has one. */
  readonly frames: number;
  /** What they chose of the parameters of gadgets: how many values, and how many bytes of these and their names. */
  readonly choices: number;
  readonly choiceBytes: number;
}

export const VIEWER_LIMITS: ViewerLimits = {
  ...{ attempts: 20, attemptsInAll: 100, tickets: 20, frames: 500 },
  ...{ choices: 500, choiceBytes: 16 * 1024 },
};
