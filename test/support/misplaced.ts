import type { ReportMisplaced } from '../../src/domain/misplaced.js';

/** Where nothing may be found in the wrong place: what is fails the test. */
export const neverMisplaced: ReportMisplaced = (what, owner) => {
  throw new Error(`misplaced: ${what}, asked for by ${JSON.stringify(owner)}`);
};
