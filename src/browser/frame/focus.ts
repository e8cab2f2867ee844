/** A selector that finds an element again in new content: by its id, its target or its action. */
const marksOf = (element: Element): string | null => {
  if (element.id !== '') return `#${CSS.escape(element.id)}`;
  for (const name of ['href', 'data-oriel-action', 'name']) {
    const value = element.getAttribute(name);
    if (value !== null) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return element.localName === 'summary' ? 'summary' : null;
};

/** The element's index among all matches. */
const placeOf = (within: Element, marks: string, element: Element): number =>
  Array.from(within.querySelectorAll(marks)).indexOf(element);

const opened = (within: Element): readonly boolean[] =>
  Array.from(within.querySelectorAll('details'), (each) => each.open);

/**
 * Replaces content and keeps the keyboard focus and the open details. If the focused element is gone, the content itself is focused
 * instead of the top of the page.
 */
export const keepingFocus = (content: HTMLElement, replace: () => void): void => {
  const focused = document.activeElement;
  const inside = focused !== null && focused !== content && content.contains(focused);
  const marks = inside ? marksOf(focused) : null;
  const place = marks !== null && focused !== null ? placeOf(content, marks, focused) : -1;
  const unfolded = opened(content);
  replace();
  const folds = content.querySelectorAll('details');
  if (folds.length === unfolded.length)
    folds.forEach((each, index) => {
      each.open = unfolded[index] ?? false;
    });
  if (!inside) return;
  const again = marks === null ? undefined : content.querySelectorAll<HTMLElement>(marks)[place];
  if (again === undefined) content.tabIndex = -1;
  (again ?? content).focus({ preventScroll: true });
};
