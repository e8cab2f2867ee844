import type { Router } from '@koa/router';
import { embedScript, type FramedGadget, gadgetElement, gadgetForm } from '../host/framed-gadgets.js';
import type { OrielHost } from '../host/oriel-host.js';
import { type Html, html } from '../site/html.js';
import { requirePerson } from '../site/sign-in.js';
import { field, type ShowPage, type Web, type WebState } from '../site/web.js';
import { signInPath } from './layout.js';
import { cardNumbers, mayView, type Pipeline, pipelineNamed, type Run, runsBetween } from './pipelines.js';

export interface CompareOptions {
  readonly pipelines: readonly Pipeline[];
  readonly host: OrielHost;
  /** Mingle's base, for the links in commit comments. */
  readonly mingle: string;
  readonly show: ShowPage;
}

const tabs = { changes: 'Changes', 'card-activity': 'Card Activity', cards: 'Open Cards' } as const;
type Tab = keyof typeof tabs;
const tabNamed = (name: string): Tab => (Object.hasOwn(tabs, name) ? (name as Tab) : 'changes');

/** A commit comment whose `#12` lead to Mingle. */
const comment = (mingle: string, pipeline: Pipeline, text: string): Html => {
  const { tracking } = pipeline;
  if (!tracking) return html`${text}`;
  const pieces = text.split(/(#\d+)/);
  return html`${pieces.map((piece) =>
    /^#\d+$/.test(piece)
      ? html`<a href="${mingle}/projects/${tracking.project}/cards/${piece.slice(1)}">${piece}</a>`
      : piece,
  )}`;
};

const changes = (mingle: string, pipeline: Pipeline, runs: readonly Run[]): Html => html`
<div class="table" role="region" aria-label="Changes" tabindex="0"><table>
  <thead><tr><th>Run</th><th>Revision</th><th>Author</th><th>Comment</th></tr></thead>
  <tbody>${runs.flatMap((run) =>
    run.modifications.map(
      (change) => html`<tr><td>${run.label}</td><td><code>${change.revision.slice(0, 10)}</code></td>
      <td>${change.author}</td><td>${comment(mingle, pipeline, change.comment)}</td></tr>`,
    ),
  )}</tbody>
</table></div>`;

const framedGadget = (
  tab: Tab,
  tracking: NonNullable<Pipeline['tracking']>,
  cards: readonly number[],
): FramedGadget => {
  const { project, conditions } = tracking;
  return tab === 'cards'
    ? {
        gadget: 'mingle-cards',
        title: 'Open cards',
        parameters: { project, conditions: 'Status != Done AND Owner IS CURRENT USER' },
      }
    : {
        gadget: 'mingle-card-activity',
        title: 'Card activity',
        parameters: { project, cards: cards.join(','), ...(conditions && { conditions }) },
      };
};

/** The page that compares two runs of a pipeline; its tabs are links, so they work without script. */
export const addComparePage = (router: Router<WebState>, options: CompareOptions): void => {
  const { host, show } = options;

  const gadgetTab = (ctx: Web, tab: Tab, pipeline: Pipeline, runs: readonly Run[]): Html => {
    const { person } = ctx.state;
    if (!pipeline.tracking) return html`<p>No mingle project configured for this pipeline.</p>`;
    const cards = cardNumbers(runs);
    if (tab === 'card-activity' && cards.length === 0) {
      return html`<p>No commit between these two runs names a card.</p>`;
    }
    const framed = framedGadget(tab, pipeline.tracking, cards);
    return person && field(ctx.URL.searchParams, 'script') === 'off'
      ? gadgetForm(host, framed, person)
      : html`${gadgetElement(host, framed, ctx.url)}\n${embedScript(host)}`;
  };

  const comparePage = (ctx: Web, pipeline: Pipeline, from: number, to: number): void => {
    const chosen = tabNamed(field(ctx.URL.searchParams, 'tab'));
    const runs = runsBetween(pipeline, from, to);
    const links = Object.entries(tabs).map(
      ([tab, label]) =>
        html`<a href="${ctx.path}?tab=${tab}" ${tab === chosen && html`aria-current="page"`}>${label}</a>`,
    );
    const content = html`
      <p class="range"><span>From <strong>${from}</strong></span> <span>to <strong>${to}</strong></span>
      <span>${runs.length} ${runs.length === 1 ? 'run' : 'runs'} compared</span></p>
      <nav class="tabs" aria-label="Comparison">${links}</nav>
      <div class="pane">
        ${chosen === 'changes' ? changes(options.mingle, pipeline, runs) : gadgetTab(ctx, chosen, pipeline, runs)}
      </div>`;
    show(ctx, { title: `Compare ${pipeline.name}`, content });
  };

  router.get('/go/compare/:pipeline/:from/with/:to', requirePerson(signInPath), (ctx: Web) => {
    const pipeline = pipelineNamed(options.pipelines, ctx.params.pipeline ?? '');
    const { person } = ctx.state;
    if (!pipeline || !person) ctx.throw(404, `Pipeline '${ctx.params.pipeline}' not found.`);
    if (!mayView(pipeline, person)) {
      ctx.throw(403, `User '${person.login}' does not have view permission on pipeline '${pipeline.name}'`);
    }
    const asked = [Number(ctx.params.from), Number(ctx.params.to)] as const;
    if (!asked.every(Number.isInteger)) ctx.throw(400, 'Pipeline counters should be positive.');
    const [from, to] = [Math.max(1, asked[0]), Math.max(1, asked[1])];
    if (from !== asked[0] || to !== asked[1]) {
      return ctx.redirect(`/go/compare/${encodeURIComponent(pipeline.name)}/${from}/with/${to}${ctx.search}`);
    }
    comparePage(ctx, pipeline, from, to);
  });
};
