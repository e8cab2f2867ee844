import { SYSTEM } from '../domain/actor.js';
import type { Audit } from '../domain/audit-event.js';
import type { ProviderFailure } from '../domain/rendering.js';
import type { Clock } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';

/** A viewer was not shown something because a provider could not be used. */
export interface FailedShowing {
  readonly gadget: string;
  readonly viewer: Viewer;
  /** As the viewer's page names it. */
  readonly requestId: string;
  readonly failures: readonly ProviderFailure[];
}

/** The same failure goes to the audit log this often, however many viewers meet it: each line of the request log has it. */
const EVERY = 10 * 60_000;
const MOST = 1_000;

/** Writes to the audit log what is not shown because a provider could not be used, with the request id that a viewer can name. */
export class FailureNotes {
  readonly #deps: { readonly audit: Audit; readonly clock: Pick<Clock, 'now'> };
  readonly #most: number;
  readonly #noted = new Map<string, number>();

  constructor(deps: { readonly audit: Audit; readonly clock: Pick<Clock, 'now'> }, most = MOST) {
    this.#deps = deps;
    this.#most = most;
  }

  note({ gadget, viewer, requestId, failures }: FailedShowing): void {
    const now = this.#deps.clock.now();
    for (const { provider, code } of failures) {
      // Where an answer breaks off changes from one to the next; what is wrong with it does not.
      const key = JSON.stringify([gadget, provider, code.replace(/ at \d+$/, '')]);
      if (now - (this.#noted.get(key) ?? Number.NEGATIVE_INFINITY) < EVERY) continue;
      if (this.#noted.size >= this.#most) this.#noted.clear();
      this.#noted.set(key, now);
      void this.#deps.audit.record({
        action: 'gadget.failed',
        by: SYSTEM,
        outcome: 'failed',
        viewer,
        provider,
        subject: gadget,
        code,
        requestId,
      });
    }
  }
}
