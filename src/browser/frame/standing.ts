import type { Api } from './api.js';

/**
 * `ended`: a Connection that the shown data was fetched with has ended. `changed`: request the content again. `unreachable`: the server did
 * not answer.
 */
export type Standing = 'same' | 'ended' | 'changed' | 'unreachable';

/** Longer than a working server takes, short enough for another try within the promised ten seconds. */
const PATIENCE = 4_000;

/** Asks whether the content with this standing may still be shown. */
export const askStanding = async (api: Api, standing: string): Promise<Standing> => {
  const answer = await api.get('/frame/standing', { 'If-None-Match': `"${standing}"` }, PATIENCE);
  if (answer === null || answer.status >= 500 || answer.status === 429) return 'unreachable';
  if (answer.status === 304) return 'same';
  return answer.status === 200 && answer.fields.ended === true ? 'ended' : 'changed';
};

/**
 * Milliseconds between two checks: at least the first, at most the sum. Every server process knows two seconds later what ended on another
 * one, so data that must go is gone within ten seconds. Random, so that the requests of many frames spread.
 */
const EVERY = 5_500;
const SPREAD = 1_500;

/** Repeats the check while the frame is visible; a hidden one checks when it is shown again (`keepAwake`). */
export const keepLooking = (showing: { look(): Promise<void> }): void => {
  const next = (): void => {
    setTimeout(
      async () => {
        if (document.visibilityState === 'visible') await showing.look();
        next();
      },
      EVERY + Math.random() * SPREAD,
    );
  };
  next();
};
