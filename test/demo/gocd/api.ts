import type { Router } from '@koa/router';
import type { Person } from '../people.js';
import type { Grants } from '../provider/grants.js';
import { type Html, xml } from '../site/html.js';
import { sendRevalidated } from '../site/revalidation.js';
import type { Web, WebState } from '../site/web.js';
import { personAsking } from './person-asking.js';
import { mayView, type Pipeline, pipelineNamed, type Run, runsBetween, stageTimes } from './pipelines.js';

export interface ApiOptions {
  /** The application's public base with its context path. */
  readonly base: string;
  readonly pipelines: readonly Pipeline[];
  readonly grants: Grants;
}

const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
const triggeredBy = (run: Run): string => (run.modifications.length > 1 ? 'changes' : 'admin');

const instance = (run: Run) => ({
  label: run.label,
  counter: run.counter,
  triggered_by: `Triggered by ${triggeredBy(run)}`,
  scheduled_at: iso(run.at),
  _embedded: {
    stages: run.stages.map(({ name, counter, result }, place) => ({
      ...{ name, counter: String(counter), status: result, approval_type: 'success' },
      ...{
        approved_by: triggeredBy(run),
        scheduled_at: iso(stageTimes(run, place).start),
        can_operate: false,
      },
    })),
  },
});

/** What today's dashboard API has of one person's pipelines. */
const dashboardOf = (pipelines: readonly Pipeline[], person: Person) => {
  const groups = [...new Set(pipelines.map(({ group }) => group))];
  return {
    _embedded: {
      pipeline_groups: groups.map((name) => ({
        name,
        pipelines: pipelines.filter(({ group }) => group === name).map((each) => each.name),
        can_administer: person.admin,
      })),
      environments: [],
      pipelines: pipelines.map(({ name, paused, runs }) => ({
        name,
        last_updated_timestamp: runs.at(-1)?.at ?? 0,
        locked: false,
        pause_info: {
          paused: paused !== undefined,
          paused_by: paused?.by ?? null,
          pause_reason: paused?.reason ?? null,
          paused_at: paused ? iso(paused.at) : null,
        },
        can_operate: person.admin,
        can_administer: person.admin,
        _embedded: { instances: runs.slice(-1).map(instance) },
      })),
    },
  };
};

const historyOf = ({ name, runs }: Pipeline, size: number) => ({
  pipelines: runs
    .toReversed()
    .slice(0, size)
    .map((run) => ({
      ...{ name, counter: run.counter, label: run.label, natural_order: run.counter, comment: null },
      scheduled_date: run.at,
      build_cause: {
        trigger_message:
          triggeredBy(run) === 'changes' ? `modified by ${run.modifications[0]?.author}` : 'Forced by admin',
        trigger_forced: triggeredBy(run) !== 'changes',
        approver: triggeredBy(run) === 'changes' ? '' : 'admin',
        material_revisions: [
          {
            changed: true,
            material: {
              name,
              type: 'Git',
              description: `URL: https://git.example.com/${name}.git, Branch: main`,
            },
            modifications: run.modifications.map(({ revision, author, comment, at }) => ({
              ...{ revision, modified_time: at, user_name: author, comment, email_address: null },
            })),
          },
        ],
      },
      stages: run.stages.map(({ name: stage, counter, result }, place) => ({
        ...{ name: stage, counter: String(counter), status: result, result, approved_by: triggeredBy(run) },
        scheduled: result !== 'Unknown',
        jobs: [{ name: 'linux', scheduled_date: stageTimes(run, place).start, state: 'Completed', result }],
      })),
    })),
});

/** What was committed between two runs, newest first. */
const comparisonOf = (pipeline: Pipeline, from: number, to: number) => ({
  ...{ pipeline_name: pipeline.name, from_counter: from, to_counter: to, is_bisect: false },
  changes: [
    {
      material: {
        type: 'git',
        attributes: { url: `https://git.example.com/${pipeline.name}.git`, branch: 'main' },
      },
      revision: runsBetween(pipeline, from, to).flatMap(({ modifications }) =>
        modifications.map(({ revision, author, comment, at }) => ({
          revision_sha: revision,
          modified_by: author,
          modified_at: iso(at),
          commit_message: comment,
        })),
      ),
    },
  ],
});

/** The Atom feed of the stages that ended, newest first. */
const stageFeed = (base: string, { name, runs }: Pipeline): Html => {
  const entries = runs.toReversed().flatMap((run) =>
    run.stages
      .map((stage, place) => ({ stage, place }))
      .toReversed()
      .filter(({ stage }) => stage.result !== 'Building' && stage.result !== 'Unknown')
      .map(({ stage, place }) => {
        const page = `${base}/pipelines/${name}/${run.counter}/${stage.name}/${stage.counter}`;
        return xml`
  <entry>
    <title>${name}(${run.counter}) stage ${stage.name}(${stage.counter}) ${stage.result}</title>
    <updated>${iso(stageTimes(run, place).end)}</updated>
    <id>${page}</id>
    <link title="${stage.name} Stage Detail" href="${page}" rel="alternate" type="text/html"/>
    <category scheme="http://www.thoughtworks-studios.com/ns/categories/go" term="${stage.result.toLowerCase()}" label="${stage.result}"/>
  </entry>`;
      }),
  );
  const self = `${base}/api/feed/pipelines/${name}/stages.xml`;
  return xml`<feed xmlns="http://www.w3.org/2005/Atom">
  <title>${name}</title>
  <id>${self}</id>
  <updated>${iso(runs.at(-1)?.at ?? 0)}</updated>
  <link rel="self" href="${self}"/>${entries}
</feed>`;
};

/** Today's APIs, each for what the person of the token or session may view. The real ones take no token of the old provider; these do. */
export const addApi = (router: Router<WebState>, { base, pipelines, grants }: ApiOptions): void => {
  const asking = personAsking(grants);
  const media = 'application/vnd.go.cd+json';

  const refuse = (ctx: Web, status: number, message: string): null => {
    ctx.status = status;
    ctx.type = 'application/json; charset=utf-8';
    ctx.body = JSON.stringify({ message });
    return null;
  };
  const personOf = (ctx: Web): Person | null => {
    const { person } = asking(ctx);
    return person ?? refuse(ctx, 401, 'You are not authenticated!');
  };
  const pipelineFor = (ctx: Web): Pipeline | null => {
    const person = personOf(ctx);
    if (!person) return null;
    const pipeline = pipelineNamed(pipelines, ctx.params.pipeline ?? '');
    const sentence = 'you are not authorized to perform this action.';
    if (!pipeline) return refuse(ctx, 404, `Either the resource you requested was not found, or ${sentence}`);
    return mayView(pipeline, person) ? pipeline : refuse(ctx, 403, sentence.replace('you', 'You'));
  };
  /** As there, an API is found only by those who accept what it answers. */
  const isAccepted = (ctx: Web): boolean =>
    /^application\/vnd\.go\.cd(\.v\d+)?\+json$/.test(ctx.get('accept')) ||
    refuse(ctx, 404, 'The resource you requested was not found.') !== null;

  router.get('/go/api/dashboard', (ctx: Web) => {
    const person = isAccepted(ctx) ? personOf(ctx) : null;
    if (!person) return;
    const own = pipelines.filter((pipeline) => mayView(pipeline, person));
    sendRevalidated(ctx, media, JSON.stringify(dashboardOf(own, person)));
  });

  router.get('/go/api/pipelines/:pipeline/history', (ctx: Web) => {
    const pipeline = isAccepted(ctx) ? pipelineFor(ctx) : null;
    if (!pipeline) return;
    const size = Number(ctx.URL.searchParams.get('page_size') ?? 10);
    if (!(size >= 10 && size <= 100)) {
      refuse(ctx, 400, "The query parameter 'page_size', if specified must be a number between 10 and 100.");
      return;
    }
    sendRevalidated(ctx, media, JSON.stringify(historyOf(pipeline, size)));
  });

  router.get('/go/api/pipelines/:pipeline/compare/:from/:to', (ctx: Web) => {
    const pipeline = isAccepted(ctx) ? pipelineFor(ctx) : null;
    if (!pipeline) return;
    for (const name of ['from', 'to']) {
      const counter = Number(ctx.params[name]);
      const problem = !Number.isInteger(counter) ? 'should be an integer' : 'cannot be less than 1';
      if (!(Number.isInteger(counter) && counter > 0)) {
        refuse(ctx, 422, `The instance counter \`${name}_counter\` ${problem}.`);
        return;
      }
    }
    const comparison = comparisonOf(pipeline, Number(ctx.params.from), Number(ctx.params.to));
    sendRevalidated(ctx, media, JSON.stringify(comparison));
  });

  router.get('/go/api/feed/pipelines/:pipeline/stages.xml', (ctx: Web) => {
    const pipeline = pipelineFor(ctx);
    if (!pipeline) return;
    sendRevalidated(
      ctx,
      'application/xml',
      `<?xml version="1.0" encoding="utf-8"?>\n${stageFeed(base, pipeline)}`,
    );
  });

  // Where the gadgets' links lead: the page that has the same here.
  router.get('/go/pipeline/activity/:pipeline', (ctx: Web) => ctx.redirect('/go/pipelines'));
  for (const path of ['value_stream_map/:pipeline/:counter', ':pipeline/:counter/:stage/:again'])
    router.get(`/go/pipelines/${path}`, (ctx: Web) => {
      const { pipeline = '', counter = '' } = ctx.params;
      ctx.redirect(
        `/go/compare/${encodeURIComponent(pipeline)}/${encodeURIComponent(counter)}/with/${encodeURIComponent(counter)}`,
      );
    });
};
