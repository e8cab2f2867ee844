import { blanked, placeIn, type TemplateMistake } from './template-blocks.js';

/** Comments, and what the template itself does: only the HTML it is written in counts. */
const OF_TEMPLATE = /\{#[\s\S]*?#\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|<!--[\s\S]*?-->/g;

const ELEMENT = /<(script|style|iframe|frame|object|embed|link|base|meta)(?=[\s/>])/gi;
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
const ATTRIBUTE = /\s(on[a-z]+|style)\s*=/gi;

const remedyOf = (name: string): Pick<TemplateMistake, 'expected' | 'example'> => {
  if (name === 'style') return { expected: 'a class, and its style in style.css', example: 'class="…"' };
  if (name === 'link' || name === 'base' || name === 'meta')
    return {
      expected: 'the gadget’s own style in style.css, and nothing else of a page’s head',
      example: null,
    };
  if (name === 'script' || name.startsWith('on'))
    return {
      expected: 'links, <details>, or a parameter that viewers may change ("viewer: true")',
      example: null,
    };
  return { expected: 'a link to the page, by the filter "link"', example: null };
};

const mistakeAt = (source: string, offset: number, name: string, noun: string): TemplateMistake => ({
  ...placeIn(source, offset),
  length: name.length,
  problem: `the frame’s policy blocks the ${noun} "${name}", so that it does nothing`,
  ...remedyOf(name.toLowerCase()),
});

/** What stands in a view's HTML and does nothing: the policy of the frame runs no script, and takes styles from files alone. */
export const blockedHtml = (source: string): readonly TemplateMistake[] => {
  const html = source.replaceAll(OF_TEMPLATE, blanked);
  return [
    ...[...html.matchAll(ELEMENT)].map(({ 1: name = '', index }) =>
      mistakeAt(source, index + 1, name, 'element'),
    ),
    ...[...html.matchAll(TAG)].flatMap(({ 0: tag, index }) =>
      // What is quoted is no attribute, whatever it looks like.
      [...tag.replaceAll(/"[^"]*"|'[^']*'/g, blanked).matchAll(ATTRIBUTE)].map(
        ({ 1: name = '', index: at }) => mistakeAt(source, index + at + 1, name, 'attribute'),
      ),
    ),
  ];
};
