import { type Api, postRenewing, textIn } from './api.js';
import type { Showing } from './showing.js';
import type { Stage } from './stage.js';
import { words } from './words.js';

type Field = HTMLInputElement | HTMLSelectElement;

const fieldOf = (target: EventTarget | null): Field | null =>
  (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) &&
  target.dataset.orielChoice !== undefined
    ? target
    : null;

const chosenIn = (field: Field): string =>
  field.type === 'checkbox' ? String((field as HTMLInputElement).checked) : field.value;

/** In these a browser reports a change with each key, long before what is typed is whole. */
const isPiecemeal = ({ type }: Field): boolean => type === 'date' || type === 'number';

/** What was picked and not accepted shows the value in force again; what was typed stays, to be corrected. */
const refuse = (name: string): void => {
  for (const field of document.querySelectorAll<Field>(`[data-oriel-choice="${CSS.escape(name)}"]`)) {
    if (field instanceof HTMLSelectElement)
      for (const option of field.options) option.selected = option.defaultSelected;
    else if (field.type === 'checkbox' || field.type === 'radio') field.checked = field.defaultChecked;
    else field.setAttribute('aria-invalid', 'true');
  }
};

interface Parts {
  readonly api: Api;
  readonly showing: Showing;
  readonly stage: Stage;
  /** Tells the other frames of this site to refresh. */
  readonly changed: () => void;
}

/** What the viewer changed and the server does not have yet. Changes that are made during a request are sent together after it. */
class Changes {
  readonly #parts: Parts;
  readonly #post: Api['post'];
  /** Not sent yet, and being sent: name → value, or null for the page's own. */
  #waiting = new Map<string, string | null>();
  #sending = new Map<string, string | null>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#post = postRenewing(parts.api, () => parts.showing.renew());
  }

  /** Several events may tell of the same change. */
  add(name: string, value: string | null): void {
    const latest = this.#waiting.has(name) ? this.#waiting : this.#sending;
    if (latest.has(name) && latest.get(name) === value) return;
    this.#waiting.set(name, value);
    if (this.#sending.size === 0) void this.#send();
  }

  async #send(): Promise<void> {
    const { changed, showing, stage } = this.#parts;
    stage.setBusy(true);
    let refusal = '';
    while (this.#waiting.size > 0) {
      this.#sending = this.#waiting;
      this.#waiting = new Map();
      const answer = await this.#post('/frame/choices', { choices: Object.fromEntries(this.#sending) });
      if (answer?.status === 200) continue;
      refusal = textIn(answer, 'detail') ?? words('tryAgain');
      for (const name of this.#sending.keys()) refuse(name);
    }
    this.#sending = new Map();
    if (refusal === '') await showing.refresh();
    stage.setBusy(false);
    if (refusal === '') stage.tell(words('shown'));
    else stage.say(refusal);
    changed();
  }
}

/**
 * Acts on the controls by which the viewer changes what the gadget shows: on fields when they have changed, on the buttons that show more
 * and that take the page's own values again.
 */
export const actOnChoices = (parts: Parts): void => {
  const changes = new Changes(parts);
  /** A field that is being typed in, whose changes wait until it is left. */
  let typing: Field | null = null;

  const take = (field: Field): void => {
    const name = field.dataset.orielChoice ?? '';
    const value = chosenIn(field);
    const isSame = field instanceof HTMLInputElement && field.type !== 'radio' && field.type !== 'checkbox';
    if (isSame && value === field.defaultValue && field.validity.valid) return;
    if (!field.reportValidity()) return;
    parts.stage.say('');
    changes.add(name, value);
  };
  const changed = ({ target }: Event): void => {
    const field = fieldOf(target);
    if (field !== null && field !== typing) take(field);
  };

  document.addEventListener('change', changed);
  // The button that empties a search field.
  document.addEventListener('search', changed);
  document.addEventListener('keydown', ({ key, target, isComposing }) => {
    const field = fieldOf(target);
    if (field === null || isComposing || key === 'Tab') return;
    if (key !== 'Enter') typing = isPiecemeal(field) ? field : null;
    else if (field === typing) {
      typing = null;
      take(field);
    }
  });
  document.addEventListener('pointerdown', () => {
    typing = null;
  });
  document.addEventListener('focusout', ({ target }) => {
    const field = fieldOf(target);
    if (field === null || field !== typing) return;
    typing = null;
    // Content that is replaced takes the focus from a field as well.
    if (field.isConnected) take(field);
  });
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    const { orielMore, orielAction, orielNames = '' } = button?.dataset ?? {};
    if (button !== null && orielMore !== undefined) changes.add(orielMore, button.value);
    if (orielAction === 'reset-choices')
      for (const name of orielNames.split(' ')) if (name !== '') changes.add(name, null);
  });
};
