import { examine, type Patient } from './doctor/examination.js';
import { openProbe, type Probe } from './doctor/frame-facts.js';
import type { PopupOutcome } from './doctor/messages.js';
import { asText, type Line, summaryOf, WORDS, worst } from './doctor/report.js';
import { themeOf } from './embed/page-environment.js';

const STYLE = `
:host { display: block; margin-block-start: 8px; font: 14px/1.5 system-ui, sans-serif; color-scheme: light;
  --ground: #fff; --panel: #f4f6f9; --ink: #1b2330; --soft: #566173; --line: #d8dee7; --edge: #7f8a9b; --accent: #1d5bb8;
  --good: #17733b; --warning: #7a5600; --problem: #b3261e; --unchecked: #566173; }
:host([data-theme="dark"]) { color-scheme: dark;
  --ground: #151a21; --panel: #1e252f; --ink: #e7eaf0; --soft: #a5afbf; --line: #343e4c; --edge: #77849a; --accent: #86b6ff;
  --good: #66d190; --warning: #f3dd98; --problem: #ff9a92; --unchecked: #a5afbf; }
section { padding: 16px; border: 1px solid var(--edge); border-radius: 8px; background: var(--ground); color: var(--ink);
  text-align: start; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 16px; } p { margin: 0; }
ol { display: grid; gap: 10px; margin: 12px 0; padding: 0; list-style: none; }
li { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 0 12px; padding-block-start: 10px; border-block-start: 1px solid var(--line); }
.word { font-weight: 600; } .fix { color: var(--soft); }
.good { color: var(--good); } .warning { color: var(--warning); } .problem { color: var(--problem); } .unchecked { color: var(--unchecked); }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
button { padding: 6px 12px; border: 1px solid var(--edge); border-radius: 6px; background: var(--ground); color: var(--ink); font: inherit; cursor: pointer; }
button:hover { background: var(--panel); }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
iframe { display: block; width: 100%; border: 0; }
textarea { display: block; box-sizing: border-box; width: 100%; height: 160px; margin-block-start: 8px; background: var(--panel); color: var(--ink);
  border: 1px solid var(--edge); border-radius: 6px; font: 12px/1.5 ui-monospace, monospace; }
@media (max-width: 480px) { li { grid-template-columns: minmax(0, 1fr); } }
`;

/** Where the report is shown. */
interface Panel {
  /** Contains the doctor's own frame. */
  readonly place: HTMLElement;
  busy(): void;
  show(lines: readonly Line[], summary: string, text: string): void;
}

const make = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  content: string | readonly Node[] = '',
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  element.className = className;
  if (typeof content === 'string') element.textContent = content;
  else element.append(...content);
  return element;
};

const itemOf = ({ id, title, level, message, fix }: Line): HTMLLIElement => {
  const what = make('div', '', [
    make('strong', '', title),
    make('p', '', message),
    ...(fix === null ? [] : [make('p', 'fix', `To fix this: ${fix}`)]),
  ]);
  const item = make('li', '', [make('span', `word ${level}`, WORDS[level]), what]);
  item.dataset.line = id;
  item.dataset.level = level;
  return item;
};

/** Through the CSSOM, which a Content-Security-Policy without 'unsafe-inline' allows. */
const styled = (root: ShadowRoot): void => {
  if (!('adoptedStyleSheets' in root)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
};

/** Creates the panel inside `box`; `rerun` runs all checks again. */
const panelIn = (box: HTMLElement, theme: 'light' | 'dark', rerun: () => void): Panel => {
  box.dataset.theme = theme;
  const root = box.shadowRoot ?? box.attachShadow({ mode: 'open' });
  styled(root);
  const heading = make('h2', '', 'Embed doctor');
  heading.id = 'heading';
  const status = make('p', 'status');
  status.setAttribute('role', 'status');
  const list = make('ol', '');
  const rerunButton = make('button', '', 'Run again');
  const copyButton = make('button', '', 'Copy as text');
  for (const button of [rerunButton, copyButton]) button.type = 'button';
  const text = make('textarea', '');
  text.readOnly = true;
  text.hidden = true;
  text.setAttribute('aria-label', 'Report as text');
  const place = make('div', 'place');
  const section = make('section', '', [
    heading,
    status,
    list,
    place,
    make('div', 'buttons', [rerunButton, copyButton]),
    text,
  ]);
  section.setAttribute('aria-labelledby', heading.id);
  root.replaceChildren(section);

  rerunButton.addEventListener('click', rerun);
  copyButton.addEventListener('click', async () => {
    // Without access to the clipboard, the person can copy the text by hand.
    try {
      await navigator.clipboard.writeText(text.value);
      status.textContent = 'The report was copied. It contains no tokens or names.';
    } catch {
      text.hidden = false;
      text.select();
    }
  });
  return {
    place,
    busy() {
      status.textContent = 'Checking this page…';
      list.replaceChildren();
    },
    show(lines, summary, report) {
      status.textContent = summary;
      list.replaceChildren(...lines.map(itemOf));
      text.value = report;
    },
  };
};

/**
 * Checks the page around a gadget and shows the report below it, in `box`. Sends the page an event `oriel-doctor`, whose
 * detail is `{level, lines}` and contains nothing about a viewer.
 */
export const doctor = (patient: Patient, box: HTMLElement): void => {
  const { element, origin } = patient;
  let probe: Probe | null = null;
  let running = false;

  const examineOnce = async (): Promise<void> => {
    probe?.end();
    panel.busy();
    const attribute = (name: string): string => element.getAttribute(name) ?? '';
    const examined = await examine(patient, (origins) =>
      openProbe(panel.place, origin, {
        host: attribute('host'),
        gadget: attribute('gadget'),
        theme: themeOf(element),
        origins,
      }),
    );
    probe = examined.probe;
    const report = (popup: PopupOutcome | null): void => {
      const lines = examined.lines(popup);
      const where = {
        page: window.origin,
        host: attribute('host'),
        gadget: attribute('gadget'),
        gadgetOrigin: origin,
      };
      panel.show(lines, summaryOf(lines), asText(lines, where));
      const detail = { level: worst(lines), lines };
      element.dispatchEvent(new CustomEvent('oriel-doctor', { bubbles: true, composed: true, detail }));
    };
    report(null);
    probe.onPopup(report);
  };
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    // A failed run must not block the next one.
    await examineOnce().finally(() => {
      running = false;
    });
  };

  const panel = panelIn(box, themeOf(element), () => void run());
  void run();
};
