/** What a pointer or the keyboard can make of a link, a button or a field. */
const STATES = [['hover'], ['focus', 'focus-visible'], ['hover', 'active']] as const;

const POINTED = 'a, button, summary, input, select, textarea';

/**
 * A script for a page that has axe-core: what is wrong with its colours while everything that can be pointed at is pointed at, focused or
 * pressed, as `[state, violations]`. `judge` is the text of a function that returns the violations within elements.
 *
 * The browser's debugger can force one state on one element with one message, which takes longer than all the rest on a page with fifty
 * of them. So for a moment the page's own rules ask for a mark too wherever they ask for a state, which leaves their weight as it is, and
 * all elements get the mark at once. Of what the browser's own style sheet says of these states, only the colour of a pressed link bears on
 * text. Only what looks other than at rest, and what has to do with it, is judged: all else has been, and so has a page that looks the same
 * in an earlier state.
 */
export const judgedInStates = (judge: string): string => `(async () => {
  const MARK = 'data-in-state';
  const pointed = [...document.querySelectorAll('${POINTED}')];
  if (pointed.length === 0) return [];
  const shown = [...document.querySelectorAll('html, body, body *')];

  const before = [];
  const ask = (rules) => {
    for (const rule of rules) {
      const { selectorText: selector } = rule;
      const asking = selector?.replace(/:(hover|active|focus-visible|focus)(?![-\\w])/g, ':is(:$1, [' + MARK + '~="$1"])');
      if (asking !== selector) {
        before.push([rule, selector]);
        rule.selectorText = asking;
        if (!rule.selectorText.includes(MARK)) throw new Error('Not to be put in a state: ' + selector);
      }
      if (rule.cssRules) ask(rule.cssRules);
    }
  };
  const pressed = new CSSStyleSheet();
  pressed.replaceSync(':where(a:any-link[' + MARK + '~="active"]) { color: -webkit-activelink }');

  const looks = () => shown.map((element) => {
    const style = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    return [
      style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.textShadow,
      style.fontSize, style.fontWeight, style.fontFamily, style.visibility, style.display, style.position, style.zIndex,
      style.filter, style.mixBlendMode, style.clipPath, x, y, width, height,
    ].join();
  });

  const found = [];
  const atRest = looks();
  const judged = new Set();
  try {
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) ask(sheet.cssRules);
    document.adoptedStyleSheets.unshift(pressed);
    for (const states of ${JSON.stringify(STATES)}) {
      for (const element of pointed) element.setAttribute(MARK, states.join(' '));
      const now = looks();
      const changed = shown.filter((_, index) => now[index] !== atRest[index]);
      const within = new Set(changed);
      for (const element of pointed)
        if (changed.some((other) => other.contains(element) || element.contains(other))) within.add(element);
      const look = now.join(';');
      if (within.size > 0 && !judged.has(look)) found.push([states.join(':'), await (${judge})([...within])]);
      judged.add(look);
    }
  } finally {
    for (const element of pointed) element.removeAttribute(MARK);
    for (const [rule, selector] of before) rule.selectorText = selector;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== pressed);
  }
  return found;
})()`;
