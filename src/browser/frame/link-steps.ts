import type { FramePage, LinkStep, Stage } from './stage.js';

/** The steps of a consent that starts with a link, or of a visit to My connections, as this frame shows them. */
export interface LinkSteps {
  /** Shows the link; only this frame knows its URL. */
  offer(address: string): void;
  /** Shows the step for a flow's status. */
  show(status: string): void;
  /** The step that is shown. */
  step(): LinkStep | null;
  /** The page of a step. */
  pageOf(step: LinkStep): FramePage;
}

const focus = (selector: string): void => {
  // Does not take the focus from elsewhere on the page.
  if (document.hasFocus()) document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
};

/** The step follows from the flow's status on the server: a window can't know what happened in another. */
export const linkSteps = (stage: Stage, provider: string, visits: boolean): LinkSteps => {
  let address: string | null = null;
  let shown: LinkStep | null = null;
  const pageOf = (step: LinkStep): FramePage => (visits ? `visit-${step}` : step);

  const stepOf = (status: string): LinkStep => {
    if (status === 'coded') return 'code';
    return status === 'begun' && address !== null ? 'link' : 'away';
  };
  const enter = (step: LinkStep): void => {
    shown = step;
    stage.showState(pageOf(step), provider);
    // The browser that opened it can open it again and continues at the same step.
    if (step === 'away' && address !== null) stage.offerLink(address);
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
    pageOf,
  };
};
