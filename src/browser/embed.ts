import { Embedding, type Page } from './embed/embedding.js';
import { KnownParameters } from './embed/known-parameters.js';
import { tokenSource } from './embed/token-source.js';

const NAME = 'oriel-gadget';

/**
 * The origin of the gadgets, which the server writes in here where it serves this script: a script that is loaded as a module, or by
 * `import()`, cannot ask where it came from in a way that a classic script could be read with too.
 */
const ORIGIN = '__ORIEL_GADGET_ORIGIN__';

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

// A page that loads the script twice has the element once.
if (customElements.get(NAME) === undefined)
  define({ origin: ORIGIN, tokens: tokenSource(), known: new KnownParameters() });
