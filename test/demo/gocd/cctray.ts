import type { Router } from '@koa/router';
import type { Grants } from '../provider/grants.js';
import { type Html, xml } from '../site/html.js';
import { sendRevalidated } from '../site/revalidation.js';
import type { Web, WebState } from '../site/web.js';
import { personAsking } from './person-asking.js';
import { mayView, type Pipeline, type Run } from './pipelines.js';

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A stage and its one job, as cruise control trays know them; what builds shows the result before. */
const stageXml = (base: string, pipeline: Pipeline, run: Run, stage: Run['stages'][number]): Html => {
  const previous = pipeline.runs.findLast(({ counter }) => counter < run.counter);
  const building = stage.result === 'Building';
  const shown = building && previous ? previous : run;
  const failed = stage.result === 'Failed' || stage.result === 'Cancelled';
  const breakers = [...new Set(run.modifications.map(({ author }) => author))].join(', ');
  const entry = (name: string, page: string): Html => xml`
  <Project name="${name}" activity="${building ? 'Building' : 'Sleeping'}" lastBuildStatus="${failed ? 'Failure' : 'Success'}" lastBuildLabel="${shown.label}" lastBuildTime="${seconds(shown.at)}" webUrl="${base}/${page}">${
    failed && xml`<messages><message text="${breakers}" kind="Breakers"/></messages>`
  }</Project>`;
  const path = `${pipeline.name}/${run.counter}/${stage.name}/${stage.counter}`;
  return xml`${entry(`${pipeline.name} :: ${stage.name}`, `pipelines/${path}`)}${entry(
    `${pipeline.name} :: ${stage.name} :: linux`,
    `tab/build/detail/${path}/linux`,
  )}`;
};

export interface CctrayOptions {
  /** The application's public base with its context path. */
  readonly base: string;
  readonly pipelines: readonly Pipeline[];
  readonly grants: Grants;
}

/** `cctray.xml`: every stage and job of the pipelines that this very person may see, by token or by session. */
export const addCctray = (router: Router<WebState>, { base, pipelines, grants }: CctrayOptions): void => {
  const asking = personAsking(grants);

  const refuse = (ctx: Web, badToken: boolean): void => {
    ctx.type = 'application/xml; charset=utf-8';
    ctx.status = badToken ? 401 : 403;
    if (badToken) ctx.set('WWW-Authenticate', 'Basic realm="GoCD"');
    ctx.body = `${xml`<access-denied><message>You are not authenticated!</message></access-denied>`}`;
  };

  router.get('/go/cctray.xml', (ctx: Web) => {
    const asked = asking(ctx);
    if (!asked.person) return refuse(ctx, asked.badToken);
    const { person } = asked;
    const entries = pipelines
      .filter((pipeline) => mayView(pipeline, person))
      .flatMap((pipeline) => {
        const run = pipeline.runs.at(-1);
        return run ? run.stages.map((stage) => stageXml(base, pipeline, run, stage)) : [];
      });
    const content = xml`<Projects>${entries}\n</Projects>`;
    sendRevalidated(ctx, 'application/xml', `<?xml version="1.0" encoding="utf-8"?>\n${content}`);
  });
};
