import { type Choice, readChoice, THEMES, WIDTHS, writeChoice } from './workshop/choice.js';
import { type Answer, client } from './workshop/client.js';
import { element, part } from './workshop/element.js';
import { Grid } from './workshop/grid.js';
import { showFaults, showParameters, showPaths, showRequests } from './workshop/panels.js';
import { DataTree } from './workshop/tree.js';

/** How often one's own data is looked at again while the page is visible, ms: what may no longer be shown goes. */
const LOOK_EVERY = 10_000;
const AS_ME = 'as-me';
/** Typing is over, ms. */
const TYPED = 150;

const isPersonal = document.body.dataset.personal === 'yes';
const server = client(isPersonal);
let choice: Choice = readChoice(location.search, isPersonal ? { states: [AS_ME] } : {});
let latest: Answer | null = null;
let asking = 0;

const say = (sentence: string): void => {
  const standing = part('standing');
  if (standing.textContent !== sentence) standing.textContent = sentence;
};

const grid = new Grid((label) => say(`“${label.trim()}” does nothing in the workshop.`));
const tree = new DataTree((request, path) => showPaths(request, path, latest?.picks?.[request] ?? null));

const lookedAt = (): string => {
  const { states, lookedAt: named } = choice;
  return states.includes(named) ? named : (states[0] ?? 'content');
};

const standingOf = ({ isCurrent, isChecked, faults, took, me }: Answer): string => {
  const who = me === null ? '' : ` As ${me.name}.`;
  if (!isCurrent) return `The files have mistakes.${who}`;
  if (!isChecked) return `Read in ${took} ms.${who}`;
  return `${faults.length === 0 ? 'No mistakes.' : 'It can be shown, and has mistakes.'} Read in ${took} ms.${who}`;
};

type ListName = 'widths' | 'themes' | 'locales' | 'states';

/** Boxes to choose by; at least one stays chosen. */
const showBoxes = (
  id: string,
  list: ListName,
  all: readonly (readonly [value: string, title: string, about?: string])[],
): void => {
  const fieldset = part(id);
  const names = JSON.stringify(all);
  if (fieldset.dataset.names !== names) {
    fieldset.dataset.names = names;
    for (const old of fieldset.querySelectorAll('label')) old.remove();
    for (const [value, title, about] of all) {
      const box = element('input', { type: 'checkbox', value });
      box.addEventListener('change', () => {
        const chosen = all
          .map(([each]) => each)
          .filter((each) => (each === value ? box.checked : choice[list].includes(each)));
        if (chosen.length === 0) box.checked = true;
        else change({ [list]: chosen });
      });
      fieldset.append(element('label', about === undefined ? {} : { title: about }, box, ' ', title));
    }
  }
  for (const box of fieldset.querySelectorAll('input')) box.checked = choice[list].includes(box.value);
};

const showLookedAt = ({ states = [] }: Answer): void => {
  const select = part<HTMLSelectElement>('looked-at');
  const titles = choice.states.map(
    (name) => [name, states.find((each) => each.name === name)?.title ?? name] as const,
  );
  const names = JSON.stringify(titles);
  if (select.dataset.names !== names) {
    select.dataset.names = names;
    select.replaceChildren(...titles.map(([value, title]) => element('option', { value }, title)));
  }
  select.value = lookedAt();
};

const showPanel = (): void => {
  for (const tab of document.querySelectorAll<HTMLElement>('[role="tab"]')) {
    const isChosen = tab.id === `tab-${choice.panel}`;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    part(tab.getAttribute('aria-controls') ?? '').hidden = !isChosen;
  }
};

const take = (answer: Answer): void => {
  latest = answer;
  const { gadget, states = [], locales, parameters = [], problem = null, answers = {} } = answer;
  showFaults(answer);
  say(standingOf(answer));
  showBoxes(
    'choice-width',
    'widths',
    WIDTHS.map((each) => [each, each]),
  );
  showBoxes(
    'choice-theme',
    'themes',
    THEMES.map((each) => [each, each === 'light' ? 'Light' : 'Dark']),
  );
  showBoxes(
    'choice-locale',
    'locales',
    locales.map((each) => [each, each]),
  );
  part('again').hidden = !choice.states.includes(AS_ME);
  if (gadget === null) return;
  document.title = `${gadget.title} · Gadget workshop`;
  part('title').textContent = gadget.title;
  part('id').textContent = gadget.id;
  showBoxes(
    'choice-state',
    'states',
    states.map(({ name, title, about }) => [name, title, about]),
  );
  showLookedAt(answer);
  part('problem').hidden = problem === null;
  part('problem').textContent = problem;
  grid.show(answer, choice);
  tree.show(part('tree'), answers);
  showRequests(answer);
  showParameters(parameters, Object.keys(choice.parameters).length > 0);
  document.body.dataset.revision = String(answer.revision);
};

/** Shows what is chosen, as the files are now. An answer that another one has overtaken is dropped. */
const look = async (again = false): Promise<void> => {
  asking += 1;
  const turn = asking;
  const answer = await server.show(choice, lookedAt(), again);
  if (turn !== asking) return;
  if (answer === 'refused')
    say('Open the address that the command printed: only it has the key to your data.');
  else if (answer === null) say('The workshop does not answer. Is `oriel gadget dev` still running?');
  else take(answer);
};

const change = (changed: Partial<Choice>): void => {
  choice = { ...choice, ...changed };
  const query = writeChoice(choice);
  history.replaceState(null, '', query === '' ? location.pathname : `?${query}`);
  showPanel();
  void look();
};

const followTabs = (): void => {
  const tabs = [...document.querySelectorAll<HTMLElement>('[role="tab"]')];
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => change({ panel: tab.id.replace('tab-', '') }));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      if (step === 0 || next === undefined) return;
      next.focus();
      next.click();
    });
  }
};

const followParameters = (): void => {
  const form = part<HTMLFormElement>('parameters');
  let soon: ReturnType<typeof setTimeout> | undefined;
  form.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    clearTimeout(soon);
    soon = setTimeout(
      () => change({ parameters: { ...choice.parameters, [target.name]: target.value } }),
      TYPED,
    );
  });
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    change({ parameters: {} });
  });
  form.addEventListener('submit', (event) => event.preventDefault());
};

part<HTMLSelectElement>('looked-at').addEventListener('change', ({ target }) => {
  if (target instanceof HTMLSelectElement) change({ lookedAt: target.value });
});
part('again').addEventListener('click', () => void look(true));
part('choice').addEventListener('submit', (event) => event.preventDefault());
followTabs();
followParameters();
showPanel();
const events = new EventSource('/events');
events.addEventListener('message', () => void look());
events.addEventListener('error', () =>
  say('The workshop does not answer. Is `oriel gadget dev` still running?'),
);
if (isPersonal)
  setInterval(() => {
    if (document.visibilityState === 'visible' && choice.states.includes(AS_ME)) void look();
  }, LOOK_EVERY);
