import type { HTMLAttributes, RefAttributes } from 'react';
import type { OrielGadgetAttributes, OrielGadgetElement, OrielGadgetParameters } from './index.js';

export * from './index.js';

/** `<oriel-gadget>` in React 18 and 19. */
export type OrielGadgetProps = OrielGadgetAttributes &
  Omit<HTMLAttributes<OrielGadgetElement>, keyof OrielGadgetAttributes> &
  RefAttributes<OrielGadgetElement> &
  OrielGadgetParameters;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'oriel-gadget': OrielGadgetProps;
    }
  }
}
