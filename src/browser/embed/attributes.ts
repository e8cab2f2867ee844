/** Attributes of the element itself or of HTML; every other attribute may be a parameter of the gadget. */
const RESERVED = new Set(
  (
    'id class style title lang host gadget token token-url theme locale time-zone height doctor slot hidden dir role ' +
    'tabindex part is nonce inert popover translate ground'
  ).split(' '),
);
const RESERVED_PREFIX = /^(data-|aria-|on)/;
const PARAMETER_NAME = /^[a-z][a-z0-9-]*$/;

/** Whether an attribute of this name can be a parameter of a gadget. Names such as `_ngcontent` or `@click` belong to frameworks. */
export const isParameter = (name: string): boolean =>
  PARAMETER_NAME.test(name) && !RESERVED.has(name) && !RESERVED_PREFIX.test(name);

/** The height that the page sets, in CSS pixels; null if the frame follows its content. */
export const fixedHeightOf = (element: Element): number | null => {
  const height = Number.parseFloat(element.getAttribute('height') ?? '');
  return Number.isFinite(height) && height > 0 ? height : null;
};

const SENT_TO_FRAME = new Set(['theme', 'title', 'height', 'ground']);
const ANSWERED_BY_LAUNCH = new Set(['host', 'gadget', 'token', 'token-url', 'locale', 'time-zone']);

/** What a change of this attribute requires, unless it is a parameter: a new launch, a message to the frame, or nothing. */
export const effectOf = (name: string): 'launch' | 'notify' | 'nothing' => {
  if (SENT_TO_FRAME.has(name)) return 'notify';
  return ANSWERED_BY_LAUNCH.has(name) ? 'launch' : 'nothing';
};
