import type { Answer, ShownFault, ShownParameter, ShownRequest } from './client.js';
import { element, part } from './element.js';
import { type DataPath, type WrittenPath, writtenPaths } from './paths.js';

const faultItem = ({ at, problem, excerpt, expected, example }: ShownFault): HTMLElement =>
  element(
    'li',
    {},
    element('p', {}, element('code', { class: 'workshop-at' }, at), ' ', `${problem}.`),
    ...(excerpt.length === 0
      ? []
      : [
          element(
            'pre',
            { tabindex: '0', 'aria-label': 'The line, with a mark below the place' },
            excerpt.join('\n'),
          ),
        ]),
    element('p', { class: 'quiet' }, 'Expected: ', `${expected}.`),
    ...(example === null
      ? []
      : [element('p', {}, 'Write: ', element('code', { class: 'workshop-write' }, example))]),
  );

/** The mistakes, and what is shown in the meantime. */
export const showFaults = ({ faults, isCurrent, isChecked, gadget }: Answer): void => {
  // A version that can be shown replaces the mistakes of the one before when all of it has been checked.
  if (!isChecked) return;
  const section = part('faults');
  const was = section.hidden;
  section.hidden = faults.length === 0;
  section.classList.toggle('workshop-grave', !isCurrent);
  if (section.hidden) {
    section.replaceChildren();
    return;
  }
  const count = faults.length === 1 ? 'One mistake' : `${faults.length} mistakes`;
  const held = gadget === null ? 'Nothing can be shown yet.' : 'Below is the last version that can be shown.';
  section.replaceChildren(
    element('h2', {}, isCurrent ? count : `${count}. ${held}`),
    element('ol', {}, ...faults.map(faultItem)),
  );
  if (was) part('grid').scrollTo({ top: 0 });
};

const copyButton = (code: string): HTMLElement => {
  const button = element('button', { type: 'button', class: 'button workshop-copy' }, 'Copy');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code).then(
      () => button.replaceChildren('Copied'),
      () => button.replaceChildren('Select it'),
    );
  });
  return button;
};

const pathItem = ({ where, code, why }: WrittenPath): HTMLElement =>
  element(
    'div',
    {},
    element('dt', {}, where),
    code === null
      ? element('dd', { class: 'quiet' }, `It can’t be written there: ${why}.`)
      : element('dd', {}, element('code', {}, code), ' ', copyButton(code)),
  );

/** How the chosen value is written. */
export const showPaths = (request: string, path: DataPath, picked: string | null): void =>
  part('paths').replaceChildren(element('dl', {}, ...writtenPaths(request, path, picked).map(pathItem)));

const decoded = (target: string): readonly (readonly [name: string, value: string])[] => [
  ...new URLSearchParams(target.split('?')[1] ?? ''),
];

const pretty = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};

const table = (caption: string, rows: readonly (readonly [string, string])[]): readonly HTMLElement[] =>
  rows.length === 0
    ? []
    : [
        element(
          'table',
          {},
          element('caption', {}, caption),
          ...rows.map(([name, value]) =>
            element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value)),
          ),
        ),
      ];

const requestItem = (request: ShownRequest): HTMLElement => {
  const { name, provider, method, target, api, headers, body, times, why, sources, notes } = request;
  const base = api ?? `‹api of ${provider}›`;
  return element(
    'article',
    { class: 'workshop-request', 'aria-label': name },
    element(
      'h3',
      {},
      element('code', {}, name),
      ' ',
      element('span', { class: 'quiet' }, provider, times > 1 ? `, ${times} times` : ''),
    ),
    ...(target === null
      ? [element('p', { class: 'workshop-unmade' }, `Not made: ${why}.`)]
      : [
          element(
            'p',
            { class: 'workshop-line' },
            element('b', {}, method),
            ' ',
            element('code', {}, `${base.replace(/\/$/, '')}${target}`),
          ),
          ...(times > 1 ? [element('p', { class: 'quiet' }, 'This is the first of them.')] : []),
          ...table('Query', decoded(target)),
          ...table('Headers', headers),
          ...(body === null
            ? []
            : [
                element('p', { class: 'quiet' }, 'Body'),
                element('pre', { tabindex: '0', 'aria-label': 'Body' }, pretty(body)),
              ]),
        ]),
    ...(sources.length === 0
      ? []
      : [element('ul', { class: 'workshop-sources' }, ...sources.map((each) => element('li', {}, each)))]),
    element('p', { class: 'quiet' }, `${notes.join('; ')}.`),
  );
};

/** The requests as they would go out, and what is sent from one provider to another. */
export const showRequests = ({ requests = [], flows = [] }: Answer): void => {
  const list = part('requests');
  if ('problem' in requests) {
    list.replaceChildren(element('p', { class: 'notice notice-warning' }, requests.problem));
    return;
  }
  list.replaceChildren(
    ...(flows.length === 0
      ? []
      : [
          element(
            'ul',
            { class: 'workshop-flows', 'aria-label': 'What is sent where' },
            ...flows.map((each) => element('li', {}, each)),
          ),
        ]),
    ...requests.map(requestItem),
  );
};

const fieldOf = ({
  name,
  type,
  values,
  value,
  usual,
}: ShownParameter): HTMLInputElement | HTMLSelectElement => {
  const id = `p-${name}`;
  const choices = values ?? (type === 'boolean' ? ['true', 'false'] : null);
  if (choices !== null) {
    const select = element(
      'select',
      { id, name },
      element('option', { value: '' }, usual === '' ? 'none' : `as usual (${usual})`),
    );
    for (const each of choices) select.append(element('option', { value: each }, each));
    select.value = value;
    return select;
  }
  const kind = type === 'date' ? 'date' : type === 'integer' ? 'number' : 'text';
  const input = element('input', { id, name, type: kind, autocomplete: 'off', spellcheck: 'false' });
  input.value = value;
  return input;
};

/** The form of the parameters; a field in which someone types is left alone. */
export const showParameters = (parameters: readonly ShownParameter[], isSet: boolean): void => {
  const form = part<HTMLFormElement>('parameters');
  const names = JSON.stringify(
    parameters.map(({ name, type, title, values }) => [name, type, title, values]),
  );
  if (form.dataset.names === names) {
    for (const { name, value } of parameters) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLElement && field !== document.activeElement && 'value' in field)
        field.value = value;
    }
  } else {
    form.dataset.names = names;
    form.replaceChildren(
      ...parameters.map((each) =>
        element(
          'p',
          {},
          element(
            'label',
            { for: `p-${each.name}` },
            each.title,
            ' ',
            element(
              'span',
              { class: 'quiet' },
              `${each.name}, ${each.type}${each.required ? ', required' : ''}`,
            ),
          ),
          fieldOf(each),
        ),
      ),
      ...(parameters.length === 0
        ? [element('p', { class: 'quiet' }, 'The gadget has no parameters.')]
        : [
            element(
              'p',
              {},
              element('button', { type: 'reset', class: 'button', id: 'reset' }, 'As in the sample'),
            ),
          ]),
    );
  }
  const reset = form.querySelector<HTMLButtonElement>('#reset');
  if (reset !== null) reset.disabled = !isSet;
};
