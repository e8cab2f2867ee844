/** Keys and indexes from the top of an answer's data. */
export type DataPath = readonly (string | number)[];

const PLAIN = /^[A-Za-z_]\w*$/;

const inView = (step: string | number): string => {
  if (typeof step === 'number') return `[${step}]`;
  return PLAIN.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
};

/** How one value is written. */
export interface WrittenPath {
  readonly where: string;
  /** Null where it cannot be written there, and `why` says why. */
  readonly code: string | null;
  readonly why: string;
}

const joined = (path: DataPath): string | null => {
  const keys = path.filter((step) => typeof step === 'string');
  return keys.some((key) => key.includes('.')) ? null : keys.join('.');
};

const DOTTED = 'a key has a dot, which paths are joined by';

/** The innermost list on the way, and what of its items is meant; null where there is none. */
const inLoop = (name: string, path: DataPath): string | null => {
  const at = path.map((step) => typeof step).lastIndexOf('number');
  if (at < 0) return null;
  const list = `answers${inView(name)}.data${path.slice(0, at).map(inView).join('')}`;
  const item = `item${path
    .slice(at + 1)
    .map(inView)
    .join('')}`;
  return `{% for item in ${list} | list %}{{ ${item} }}{% endfor %}`;
};

/** A value of an answer as a view writes it, and as `pick`, and `take` of another request, do. `picked`: what `pick` says by now. */
export const writtenPaths = (name: string, path: DataPath, picked: string | null): readonly WrittenPath[] => {
  const keys = joined(path);
  const loop = inLoop(name, path);
  const take = keys === null ? null : `from: ${name}, take: ${keys === '' ? '""' : keys}`;
  const pick = keys === null ? null : [picked ?? '', keys].filter((each) => each !== '').join('.');
  return [
    { where: 'In a view', code: `answers${inView(name)}.data${path.map(inView).join('')}`, why: '' },
    ...(loop === null ? [] : [{ where: 'In a loop of a view', code: loop, why: '' }]),
    {
      where: 'In given of another request',
      code: take === null ? null : `{ ${take} }`,
      why: DOTTED,
    },
    ...(pick === ''
      ? []
      : [{ where: `In pick of “${name}”`, code: pick === null ? null : `pick: ${pick}`, why: DOTTED }]),
  ];
};
