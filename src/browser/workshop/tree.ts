import { element } from './element.js';
import type { DataPath } from './paths.js';

/** Items of one list that are shown before more are asked for. */
const AT_ONCE = 100;
const LONGEST = 160;

type Chosen = (path: DataPath) => void;

const entriesOf = (value: object): readonly (readonly [key: string | number, value: unknown])[] =>
  Array.isArray(value) ? value.map((each, index) => [index, each] as const) : Object.entries(value);

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);

const written = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

const isGroup = (value: unknown): value is object => typeof value === 'object' && value !== null;

const sizeOf = (value: object): string => {
  const size = entriesOf(value).length;
  return Array.isArray(value) ? `[${size}]` : `{${size}}`;
};

/** Data as a tree: what is open stays open when it is shown again, and what is within is made when it is opened. */
export class DataTree {
  readonly #open = new Set<string>();
  readonly #chosen: (request: string, path: DataPath) => void;
  #shown = '';

  constructor(chosen: (request: string, path: DataPath) => void) {
    this.#chosen = chosen;
  }

  show(into: HTMLElement, answers: Readonly<Record<string, { readonly data: unknown }>>): void {
    const text = JSON.stringify(answers);
    if (text === this.#shown) return;
    this.#shown = text;
    const names = Object.keys(answers);
    if (names.length === 0) {
      into.replaceChildren(element('p', { class: 'quiet' }, 'In this state there is no answer.'));
      return;
    }
    into.replaceChildren(
      ...names.map((name) =>
        element(
          'div',
          { class: 'workshop-answer' },
          element('h3', {}, element('code', {}, name)),
          this.#node('data', answers[name]?.data, [], name, (path) => this.#chosen(name, path), true),
        ),
      ),
    );
  }

  #node(
    key: string | number,
    value: unknown,
    path: DataPath,
    request: string,
    choose: Chosen,
    isOpen: boolean,
  ): HTMLElement {
    const label = element('span', { class: 'workshop-key' }, String(key));
    if (!isGroup(value) || entriesOf(value).length === 0) {
      const shown = isGroup(value) ? (Array.isArray(value) ? '[]' : '{}') : written(value);
      const button = element(
        'button',
        { type: 'button', class: 'workshop-value' },
        label,
        ' ',
        element('span', { class: `workshop-${kindOf(value)}` }, shown),
      );
      button.addEventListener('click', () => choose(path));
      return button;
    }
    const place = JSON.stringify([request, ...path]);
    const summary = element('summary', {}, label, ' ', element('span', { class: 'quiet' }, sizeOf(value)));
    const details = element('details', {}, summary);
    const fill = (): void => {
      if (details.childElementCount > 1) return;
      details.append(this.#items(value, path, request, choose));
    };
    details.addEventListener('toggle', () => {
      if (details.open) {
        this.#open.add(place);
        fill();
      } else this.#open.delete(place);
    });
    summary.addEventListener('click', () => choose(path));
    if (isOpen || this.#open.has(place)) {
      fill();
      details.open = true;
    }
    return details;
  }

  #items(value: object, path: DataPath, request: string, choose: Chosen): HTMLElement {
    const entries = entriesOf(value);
    const list = element('ul', {});
    const add = (from: number): void => {
      for (const [key, each] of entries.slice(from, from + AT_ONCE)) {
        // A list’s first item says what the others are like.
        const isOpen = entries.length === 1 || (key === 0 && path.length < 4);
        list.append(element('li', {}, this.#node(key, each, [...path, key], request, choose, isOpen)));
      }
      const left = entries.length - from - AT_ONCE;
      if (left <= 0) return;
      const more = element('button', { type: 'button', class: 'button' }, `${left} more`);
      const item = element('li', {}, more);
      more.addEventListener('click', () => {
        item.remove();
        add(from + AT_ONCE);
      });
      list.append(item);
    };
    add(0);
    return list;
  }
}
