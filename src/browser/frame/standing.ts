import type { Api } from './api.js';

/**
 * `ended`: something that the shown data was fetched with is not there any more. `changed`: ask for the content again. `unreachable`: the
 * server did not answer.
 */
export type Standing = 'same' | 'ended' | 'changed' | 'unreachable';

/** Longer than a working server takes, short enough to ask again within the ten seconds that are promised. */
const PATIENCE = 4_000;

/** Asks whether what the frame shows, whose standing this is, may still be seen. */
export const askStanding = async (api: Api, standing: string): Promise<Standing> => {
  const answer = await api.get('/frame/standing', { 'If-None-Match': `"${standing}"` }, PATIENCE);
  if (answer === null || answer.status >= 500 || answer.status === 429) return 'unreachable';
  if (answer.status === 304) return 'same';
  return answer.status === 200 && answer.fields.ended === true ? 'ended' : 'changed';
};

/**
 * Milliseconds between two looks: at least the first, at most the sum. What ended on another server process is known to every process
 * two seconds later, so data that must go is gone within ten. By chance, so that the frames of a page and of a world spread.
 */
const EVERY = 5_500;
const SPREAD = 1_500;

/** Keeps a visible frame looking; a hidden one looks when it is shown again (`keepAwake`). */
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
