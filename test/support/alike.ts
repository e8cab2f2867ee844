/** Of siblings that are built the same, as many are judged: odd and even ones, twice. */
const KEPT = 4;

/**
 * The elements of a page that repeat what earlier siblings are: the same kinds of elements with the same classes, roles, states and
 * attributes, with text where those have text, and that refer to what is there once where those do. What would not come back as it was is
 * never among them: frames, elements with a script of their own, options.
 */
const ALIKE = `(() => {
  const VALUED = /^(class|role|type|style|hidden|disabled|scope|dir|lang|tabindex|aria-(hidden|current|expanded|selected|disabled|pressed|checked|sort))$/;
  const REFERRING = /^(for|headers|list|form|aria-(labelledby|describedby|controls|owns|details|errormessage|activedescendant|flowto))$/;
  const refers = (value) => value.split(/\\s+/).every((id) => document.querySelectorAll('#' + CSS.escape(id)).length === 1);
  const isWord = (value) => /^[a-z-]*$/.test(value);
  const attributeOf = ({ name, value }) => {
    if (VALUED.test(name) || (name.startsWith('data-') && isWord(value)) || value === '') return name + '=' + value;
    return REFERRING.test(name) ? name + refers(value) : name;
  };
  const shapes = new Map();
  const shapeOf = (element) => {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '') ? '#' : '';
    const shape = [
      element.localName, [...element.attributes].map(attributeOf).join(' '), text, [...new Set([...element.children].map(shapeOf))].join(),
    ].join('(') + ')';
    shapes.set(element, shape);
    return shape;
  };
  const stays = (element) => element.localName.includes('-') || element.matches('iframe, script, style, link');
  const alike = [];
  const visit = (element) => {
    const counts = new Map();
    for (const child of element.children) {
      const count = (counts.get(shapes.get(child)) ?? 0) + 1;
      counts.set(shapes.get(child), count);
      if (count > ${KEPT} && ![child, ...child.querySelectorAll('*')].some(stays)) alike.push(child);
      else if (child.localName !== 'select') visit(child);
    }
  };
  shapeOf(document.body);
  visit(document.body);
  return alike;
})()`;

/** The elements that scroll: whether one does can depend on how much there is in it. */
const SCROLLING = `[...document.querySelectorAll('body *')].filter((element) =>
  (element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth)
    && /auto|scroll/.test(getComputedStyle(element).overflow))`;

/**
 * A script that returns what `script` does while the page is without what repeats: a table of a hundred rows says nothing of its rules and
 * colours that its first rows do not, and takes ten times as long to judge. A page that would scroll elsewhere without them keeps them.
 */
export const withoutAlike = (script: string): string => `(async () => {
  const places = ${ALIKE}.map((element) => [element, element.parentNode, element.nextSibling]);
  const scrolling = ${SCROLLING};
  for (const [element] of places) element.remove();
  const putBack = () => {
    for (const [element, parent, next] of places.splice(0).reverse()) parent.insertBefore(element, next);
  };
  const without = places.length > 0 ? ${SCROLLING} : scrolling;
  if (scrolling.some((element) => !without.includes(element))) putBack();
  try {
    return await (${script});
  } finally {
    putBack();
  }
})()`;
