import type { FramePage, LinkStep, Stage } from './stage.js';

/** The steps of a consent that begins with a link, or of a visit to My connections, as this frame shows them. */
export interface LinkSteps {
  /** Shows the link, whose address nobody but this frame knows. */
  offer(address: string): void;
  /** Shows the step that belongs to a flow's status. */
  show(status: string): void;
  /** Which one is shown. */
  step(): LinkStep | null;
  /** The page of a step. */
  pageOf(step: LinkStep): FramePage;
}

const focus = (selector: string): void => {
  // A person who is busy elsewhere on the page is not called away.
  if (document.hasFocus()) document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
};

/** Which of them is shown follows from what the server says of the flow: no window knows what became of another. */
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
    // The browser that opened it may open it again, and goes on where it was.
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
