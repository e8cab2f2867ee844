import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { RequestLog } from '../web/answering.js';

/**
 * Reports what must never happen: something kept for one person came up for another. It was not used, so that no one was shown it; it
 * is a bug all the same, and its line carries the stack that led there.
 */
export const misplacedReporter =
  (meter: Pick<Meter, 'misplaced'>, log: Pick<RequestLog, 'bug'>): ReportMisplaced =>
  (what, owner) => {
    meter.misplaced(what);
    const whose = owner === null ? '' : ` Asked for by connection ${owner.connection}.`;
    log.bug('-', new Error(`misplaced: ${what} of another owner was found, and not used.${whose}`));
  };
