/** What a host page may set of a gadget's look, by the names of MCP Apps; in the page each is written with `--oriel-` in front. */
const COLORS: readonly string[] = ['text', 'background', 'border'].flatMap((kind) =>
  ['primary', 'secondary', 'info', 'success', 'warning', 'danger'].map((role) => `color-${kind}-${role}`),
);
const FONTS: readonly string[] = ['font-sans', 'font-mono'];

/** Values by name, without the two hyphens in front. */
export type StyleVariables = Readonly<Record<string, string>>;

const LONGEST = 200;
/** Names of fonts alone, so that nothing is loaded. */
const FONT = /^[\p{L}\p{N}\s,"'_-]+$/u;

const isAllowed = (name: string, value: unknown): value is string => {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST) return false;
  if (COLORS.includes(name)) return CSS.supports('color', value);
  return FONTS.includes(name) && FONT.test(value);
};

/** Those that may be set, of what another window sent. */
export const allowedVariables = (given: unknown): StyleVariables =>
  typeof given === 'object' && given !== null
    ? Object.fromEntries(Object.entries(given).filter(([name, value]) => isAllowed(name, value)))
    : {};

/** What the host page's styles set for an element. */
export const variablesOf = (element: Element): StyleVariables => {
  const style = getComputedStyle(element);
  return allowedVariables(
    Object.fromEntries(
      [...COLORS, ...FONTS].map((name) => [name, style.getPropertyValue(`--oriel-${name}`).trim()]),
    ),
  );
};

/** Gives a document these values, and takes away what was set before. */
export const setVariables = (root: HTMLElement, variables: StyleVariables): void => {
  for (const name of [...COLORS, ...FONTS]) {
    const value = variables[name];
    if (value === undefined) root.style.removeProperty(`--${name}`);
    else root.style.setProperty(`--${name}`, value);
  }
};
