import type { Meter } from '../domain/meter.js';
import type { BudgetedRendering } from './within-budget.js';

/** Counts what frames are shown, by gadget and state. */
export const counted = (rendering: BudgetedRendering, meter: Pick<Meter, 'rendered'>): BudgetedRendering => ({
  ...rendering,
  recall(request) {
    const known = rendering.recall(request);
    if (known !== undefined)
      meter.rendered(request.gadget.id, known.rendered.stale ? 'stale' : known.rendered.state);
    return known;
  },
  async answer(session, request, budget) {
    const answer = await rendering.answer(session, request, budget);
    if (answer !== 'pending') meter.rendered(request.gadget.id, answer.stale ? 'stale' : answer.state);
    return answer;
  },
});
