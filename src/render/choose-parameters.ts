import type { Directory } from '../config/directory.js';
import { AppError } from '../domain/errors.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { Clock } from '../domain/system.js';
import { checkChoice } from '../gadgets/viewer-choices.js';
import type { ViewerChoiceStore } from '../store/viewer-choice-store.js';
import type { ViewerLimits } from '../store/viewer-limits.js';
import { gadgetOfHost } from './frame-renderings.js';

export interface ChooseDeps {
  readonly directory: Pick<Directory, 'gadget' | 'host'>;
  readonly choices: Pick<ViewerChoiceStore, 'put' | 'reset'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly limits?: Pick<ViewerLimits, 'choices' | 'choiceBytes'>;
}

/**
 * Keeps what a viewer chose in a frame, for every frame of this viewer, host and gadget: parameter → text, or null for the page's own value
 * again. All of it is checked before any of it is written. Throws `parameter_unknown`, `parameter_locked`, `parameter_invalid` and
 * `too_many_requests`, with sentences for the viewer.
 */
export async function chooseParameters(
  { directory, choices, clock, limits }: ChooseDeps,
  session: FrameSession,
  given: ReadonlyMap<string, string | null>,
): Promise<void> {
  const { viewer } = session;
  const host = directory.host(viewer.host);
  if (host === undefined) throw new AppError('host_unknown');
  const gadget = gadgetOfHost(directory, host, session.gadget);
  for (const [name, value] of given) checkChoice(gadget, session, name, value);
  for (const [parameter, value] of given) {
    if (value === null) await choices.reset(viewer, session.gadget, parameter);
    else {
      const choice = { viewer, gadget: session.gadget, parameter, value, now: clock.now() };
      if (!(await choices.put(choice, limits)))
        throw new AppError('too_many_requests', { as: 'too_many_choices' });
    }
  }
}
