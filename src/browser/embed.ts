import { Embedding, type Page } from './embed/embedding.js';
import { tokenSource } from './embed/token-source.js';

const NAME = 'oriel-gadget';

/** The origin this script came from is the origin of the gadgets; no page has to say it twice. */
const ownOrigin = (): string | null => {
  const own = document.currentScript ?? document.querySelector('script[src$="/embed.js"]');
  return own instanceof HTMLScriptElement && own.src !== '' ? new URL(own.src).origin : null;
};

const define = (page: Page): void =>
  customElements.define(
    NAME,
    class extends HTMLElement {
      #embedding: Embedding | null = null;

      connectedCallback(): void {
        this.#embedding = new Embedding(this, page);
        void this.#embedding.launch();
      }

      disconnectedCallback(): void {
        this.#embedding?.end();
        this.#embedding = null;
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
