import { Embedding, type Page } from './embed/embedding.js';
import { tokenSource } from './embed/token-source.js';

const NAME = 'oriel-gadget';

/** The origin this script came from is the origin of the gadgets; no page has to say it twice. Our own console's preview is of another. */
const ownOrigin = (): string | null => {
  const own = document.currentScript ?? document.querySelector('script[src$="/embed.js"]');
  if (!(own instanceof HTMLScriptElement) || own.src === '') return null;
  return own.dataset.gadgetOrigin ?? new URL(own.src).origin;
};

/** Below the gadget, a place for the doctor, whose script is fetched only where the page asks for it. */
const callDoctor = (element: HTMLElement & { reload(): void }, origin: string): Element => {
  const box = document.createElement('div');
  element.after(box);
  // A page of our own site loads no script of the gadget origin, and says where its own copy is.
  const given = element.getAttribute('doctor') ?? '';
  import(given.startsWith('/assets/') ? given : `${origin}/doctor.js`).then(
    ({ doctor }: typeof import('./doctor.js')) =>
      doctor({ element, origin, relaunch: () => element.reload() }, box),
    () => {
      box.textContent = `The embed doctor could not be loaded: allow ${origin}, not one file of it alone, in script-src.`;
    },
  );
  return box;
};

const define = (page: Page): void =>
  customElements.define(
    NAME,
    class extends HTMLElement {
      #embedding: Embedding | null = null;
      #doctor: Element | null = null;

      connectedCallback(): void {
        this.#embedding = new Embedding(this, page);
        void this.#embedding.launch();
        if (this.hasAttribute('doctor')) this.#doctor = callDoctor(this, page.origin);
      }

      disconnectedCallback(): void {
        this.#embedding?.end();
        this.#embedding = null;
        this.#doctor?.remove();
      }

      /** Launches the gadget anew, for whoever is signed in now. */
      reload(): void {
        void this.#embedding?.launch();
      }
    },
  );

const origin = ownOrigin();
// A page that loads the script twice has the element once.
if (origin !== null && customElements.get(NAME) === undefined) define({ origin, tokens: tokenSource() });
