import { Embedding, type Page } from './embed/embedding.js';
import { KnownParameters } from './embed/known-parameters.js';
import { tokenSource } from './embed/token-source.js';

const NAME = 'oriel-gadget';

/**
 * The origin of the gadgets. The server replaces this when it serves the script, since classic scripts and modules have no common way to
 * find out their own URL.
 */
const ORIGIN = '__ORIEL_GADGET_ORIGIN__';

/** Adds the doctor below the gadget; its script is loaded only if the page asks for it. */
const callDoctor = (element: HTMLElement & { reload(): void }, origin: string): Element => {
  const box = document.createElement('div');
  element.after(box);
  // A page of our own site may not load scripts of the gadget origin, and names its own copy.
  const given = element.getAttribute('doctor') ?? '';
  import(given.startsWith('/assets/') ? given : `${origin}/doctor.js`).then(
    ({ doctor }: typeof import('./doctor.js')) =>
      doctor({ element, origin, relaunch: () => element.reload() }, box),
    () => {
      box.textContent = `The embed doctor couldn’t be loaded. Allow ${origin}, not just one of its files, in script-src.`;
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

      /** Launches the gadget again, for the person who is signed in now. */
      reload(): void {
        void this.#embedding?.launch();
      }
    },
  );

// A page may load the script twice.
if (customElements.get(NAME) === undefined)
  define({ origin: ORIGIN, tokens: tokenSource(), known: new KnownParameters() });
