/** The lowest edge of the content, including an open menu. */
const lowestEdge = (): number => {
  const root = document.documentElement.getBoundingClientRect();
  let lowest = root.height;
  for (const menu of document.querySelectorAll('details.oriel-menu[open] > :not(summary)'))
    lowest = Math.max(lowest, menu.getBoundingClientRect().bottom - root.top);
  return lowest;
};

/** Reports the height of the content, not of the window, whenever it changes. */
export const reportHeight = (report: (height: number) => void): (() => void) => {
  let last = -1;
  const measure = (): void => {
    const height = Math.ceil(lowestEdge());
    if (height === last) return;
    last = height;
    report(height);
  };
  new ResizeObserver(measure).observe(document.documentElement);
  document.addEventListener('toggle', measure, true);
  return measure;
};
