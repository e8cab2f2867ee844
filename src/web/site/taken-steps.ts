import { showFlow } from '../../connect/consent/decide-flow.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import type { Context } from '../context.js';
import type { SitePages } from './site-pages.js';
import type { SiteWeb } from './site-web.js';

/** The flow that a form of ours names, and the nonce this browser has for it. */
export type FormFlow = readonly [id: string, nonce: Secret | null];

/**
 * Takes a step of a flow. One that was already taken (by Back, a second click, another tab) is answered with the page of the step that
 * the flow is at, under the refusal's own status: no one is left at a dead end. `late`: it was Cancel, and came too late.
 */
export const takeStep = async (
  ctx: Context,
  {
    web,
    pages,
    form,
    late = false,
  }: {
    readonly web: Pick<SiteWeb, 'connect'>;
    readonly pages: Pick<SitePages, 'flow'>;
    readonly form: FormFlow;
    readonly late?: boolean;
  },
  step: () => Promise<void>,
): Promise<void> => {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'flow_step') throw error;
    if (!pages.flow(ctx, await showFlow(web.connect, ...form), late)) throw error;
    ctx.status = error.status;
    ctx.state.log.code = error.code;
  }
};
