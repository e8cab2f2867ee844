import type { Stage } from './stage.js';

type Step = 'link' | 'away' | 'code';

/** The steps of a consent that begins with a link, as this frame shows them. */
export interface LinkSteps {
  /** Shows the link, whose address nobody but this frame knows. */
  offer(address: string): void;
  /** Shows the step that belongs to a flow's status. */
  show(status: string): void;
  /** Which one is shown. */
  step(): Step | null;
}

const focus = (selector: string): void => {
  // A person who is busy elsewhere on the page is not called away.
  if (document.hasFocus()) document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
};

/** Which of them is shown follows from what the server says of the flow: no window knows what became of another. */
export const linkSteps = (stage: Stage, provider: string): LinkSteps => {
  let address: string | null = null;
  let shown: Step | null = null;

  const stepOf = (status: string): Step => {
    if (status === 'coded') return 'code';
    return status === 'begun' && address !== null ? 'link' : 'away';
  };
  const enter = (step: Step): void => {
    shown = step;
    stage.showState(step, provider);
  };

  return {
    offer(href) {
      address = href;
      if (shown !== 'link') enter('link');
      stage.offerLink(href);
      focus('[data-oriel-link]');
    },
    show(status) {
      const step = stepOf(status);
      if (step === shown) return;
      enter(step);
      stage.say('');
      if (step === 'code') focus('#oriel-code');
    },
    step: () => shown,
  };
};
