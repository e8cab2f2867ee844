const TAG = /<\/?([a-z][a-z0-9-]*)((?:\s+[a-zA-Z][a-zA-Z-]*(?:="[^"<>]*")?)*)\s*\/?>/g;
const ATTRIBUTE = /\s([a-zA-Z][a-zA-Z-]*)(?:="([^"]*)")?/g;
const ELEMENTS = new Set(
  (
    'html head meta title link script body main section header footer h1 h2 p a strong em code bdi span div ul li dl dt dd ' +
    'blockquote form input button details summary time table thead tbody tr th td template noscript ' +
    'nav h3 label fieldset legend pre caption select optgroup option textarea ol br em progress figure figcaption oriel-gadget ' +
    'svg title desc rect path del hr img'
  ).split(' '),
);
const DATA_BLOCK = /<script type="application\/json" id="[a-z-]+">[^<]*<\/script>/g;

const attributeFaults = (attributes: string): readonly string[] =>
  [...attributes.matchAll(ATTRIBUTE)].flatMap(([, name = '', value = '']) => {
    if (/^on/i.test(name) || name === 'style' || name === 'srcdoc') return [`attribute ${name}`];
    if (['href', 'src', 'action'].includes(name) && !/^(https?:\/\/|\/|#[a-z0-9-]+$)/.test(value))
      return [`${name} leads to ${value}`];
    return [];
  });

/**
 * What is in a page beside whole tags of the elements we write, with quoted attributes that cannot run anything, and text
 * without a stray angle bracket.
 */
export const htmlFaults = (html: string): readonly string[] => {
  const faults: string[] = [];
  const rest = html
    .replace('<!doctype html>', '')
    .replace(DATA_BLOCK, '')
    .replace(TAG, (_tag, element: string, attributes: string) => {
      if (!ELEMENTS.has(element)) faults.push(`element ${element}`);
      faults.push(...attributeFaults(attributes));
      return '';
    });
  const stray = /.{0,30}[<>].{0,30}/s.exec(rest);
  return stray === null ? faults : [...faults, `stray bracket: ${stray[0]}`];
};
