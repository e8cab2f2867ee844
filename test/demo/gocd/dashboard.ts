import type { Router } from '@koa/router';
import { type Html, html } from '../site/html.js';
import { requirePerson } from '../site/sign-in.js';
import type { ShowPage, Web, WebState } from '../site/web.js';
import { signInPath } from './layout.js';
import { cardNumbers, mayView, type Pipeline, pipelineNamed, runsBetween } from './pipelines.js';

const tile = (pipeline: Pipeline): Html => {
  const latest = pipeline.runs.at(-1);
  const first = pipeline.runs[0];
  if (!latest || !first) return html``;
  const before = pipeline.runs.at(-4) ?? first;
  const compare = `/go/compare/${encodeURIComponent(pipeline.name)}/${before.counter}/with/${latest.counter}`;
  return html`<li>
    <strong>${pipeline.name}</strong>
    <small>${pipeline.group}, run ${latest.label}, <time datetime="${new Date(latest.at).toISOString()}">${new Date(latest.at).toISOString().slice(0, 16).replace('T', ' ')} UTC</time></small>
    <ul class="stages">${latest.stages.map(
      ({ name, result }) => html`<li class="${result.toLowerCase()}"><span>${name}</span> ${result}</li>`,
    )}</ul>
    <p><a href="${compare}">Compare</a> <a href="${compare}?tab=card-activity">Card activity</a></p>
  </li>`;
};

/** The dashboard, and the list of card numbers that the card-activity gadget of old asked for. */
export const addDashboard = (
  router: Router<WebState>,
  pipelines: readonly Pipeline[],
  show: ShowPage,
): void => {
  for (const path of ['/', '/go', '/go/']) router.get(path, (ctx: Web) => ctx.redirect('/go/pipelines'));

  router.get('/go/pipelines', requirePerson(signInPath), (ctx: Web) => {
    const own = pipelines.filter((pipeline) => ctx.state.person && mayView(pipeline, ctx.state.person));
    show(ctx, { title: 'Pipelines', content: html`<ul class="tiles">${own.map(tile)}</ul>` });
  });

  router.get('/go/api/card_activity/:pipeline/:from/to/:to', (ctx: Web) => {
    const name = ctx.params.pipeline ?? '';
    const [from, to] = [Number(ctx.params.from), Number(ctx.params.to)];
    const pipeline = pipelineNamed(pipelines, name);
    ctx.type = 'text/plain; charset=utf-8';
    const refuse = (status: number, sentence: string): void => {
      ctx.status = status;
      ctx.body = sentence;
    };
    if (!ctx.state.person) {
      ctx.set('WWW-Authenticate', 'Basic realm="GoCD"');
      return refuse(401, 'You are not authenticated!');
    }
    if (!(from > 0 && to > 0)) return refuse(400, 'Pipeline counters should be positive.');
    if (!pipeline) return refuse(404, `Pipeline '${name}' not found.`);
    if (!mayView(pipeline, ctx.state.person)) {
      return refuse(401, `You do not have view permissions for pipeline '${pipeline.name}'.`);
    }
    ctx.body = cardNumbers(runsBetween(pipeline, from, to)).join(',');
  });
};
