import type { Directory } from '../config/directory.js';
import { isCompany } from '../domain/connection.js';
import { bareRecord, plainRecord as plain } from '../domain/data.js';
import type { Obstacle, ProviderFailure, RenderRequest } from '../domain/rendering.js';
import { controlsOf } from '../gadgets/viewer-choices.js';
import { endsSoon, lastDay } from '../providers/pasted-token.js';
import type { Provider } from '../providers/provider.js';
import type { AnswerView, ConnectedView, ContentModel, StateModel } from '../views/view-models.js';
import type { Fetched, Source } from './fetch-answers.js';

/** How old what is shown is, and how long it may be shown. */
export interface Times {
  /** Oldest fetch among the answers shown, epoch milliseconds; null when there are none. */
  readonly fetchedAt: number | null;
  /** Whether an answer is older than it should be, because its provider could not be asked. */
  readonly stale: boolean;
  /** Until when it may be shown again without asking, by the monotonic clock; infinite when there are no answers. */
  readonly freshUntil: number;
}

/** A provider that is shown with a company's access, and what the company is called. */
export interface CompanyAccess {
  readonly provider: string;
  readonly company: string;
}

interface Common {
  /** Request name → answer; empty where the state is not `content`. */
  readonly data: Readonly<Record<string, AnswerView>>;
  /** The Connections that the answers were fetched with. */
  readonly sources: readonly Source[];
  readonly times: Times;
  /** What is shown with a company's access, which is not the viewer's own: a surface must say so. */
  readonly companies: readonly CompanyAccess[];
  /** What is not shown because a provider could not be used. */
  readonly failed: readonly ProviderFailure[];
}

/** What a rendering came to, whichever surface shows it. `model` is all that a template may see of it. */
export type RenderResult =
  | (Common & { readonly state: 'content'; readonly model: ContentModel })
  | (Common & { readonly state: Obstacle['state']; readonly model: StateModel });

type Providers = Pick<Directory, 'provider' | 'providerName'>;

const NO_DATA: Readonly<Record<string, AnswerView>> = plain({});
const NO_TIMES: Times = { fetchedAt: null, stale: false, freshUntil: Number.POSITIVE_INFINITY };

/** The failures among these obstacles: what no viewer can help, and answers that looked like a dead token. */
const failuresIn = (obstacles: readonly Obstacle[]): readonly ProviderFailure[] =>
  obstacles.flatMap((obstacle) => {
    const { provider } = obstacle;
    if (obstacle.state === 'provider-down') return [{ provider, code: obstacle.reason }];
    if (obstacle.state === 'no-access')
      return obstacle.code === undefined ? [] : [{ provider, code: obstacle.code }];
    return obstacle.state === 'misconfigured' ? [{ provider, code: obstacle.code }] : [];
  });

const companyOf = ({ viewer }: Source['connection'], provider: Provider): string | null =>
  isCompany(viewer) ? (provider.clientCredentials?.company ?? provider.name) : null;

/** What is shown with a company's access: every surface has to say so. */
const companiesIn = (connected: readonly ConnectedView[]): readonly CompanyAccess[] =>
  connected.flatMap(({ provider, company }) => (company === undefined ? [] : [{ provider, company }]));

const connectedOf = (
  directory: Providers,
  sources: readonly Source[],
  now: number,
): readonly ConnectedView[] =>
  [...new Map(sources.map((source) => [source.provider, source])).values()].flatMap(
    ({ provider: id, connection }) => {
      const provider = directory.provider(id);
      if (provider === undefined) return [];
      const { name, accountPage, site = null } = provider;
      const tells = provider.account !== 'none';
      const { account, expiresAt } = connection;
      const endsOn = endsSoon(expiresAt, now) ? lastDay(expiresAt) : null;
      const token = provider.pasted && { token: plain({ endsOn }) };
      const company = companyOf(connection, provider);
      const held = company === null ? token : { company };
      return [plain({ provider: id, name, account, tells, accountPage, site, ...held })];
    },
  );

const timesOf = ({ answers }: Fetched): Times => {
  if (answers.size === 0) return NO_TIMES;
  let [fetchedAt, stale, freshUntil] = [Number.POSITIVE_INFINITY, false, Number.POSITIVE_INFINITY];
  for (const answer of answers.values()) {
    fetchedAt = Math.min(fetchedAt, answer.fetchedAt);
    freshUntil = Math.min(freshUntil, answer.freshUntil);
    stale ||= answer.stale;
  }
  return { fetchedAt, stale, freshUntil };
};

/** The result of a rendering that has every answer it requires; `now` is epoch milliseconds. */
export function toContentResult(
  directory: Providers,
  request: RenderRequest,
  fetched: Fetched,
  now: number,
): RenderResult {
  const { gadget, locale, timeZone } = request;
  const { sources } = fetched;
  const times = timesOf(fetched);
  const answers = bareRecord<AnswerView>();
  for (const [name, { data, fetchedAt, stale, pages, more }] of fetched.answers)
    answers[name] = plain({ data, fetchedAt, stale, pages, more });
  const data = Object.freeze(answers);
  const model = plain({
    gadget,
    parameters: fetched.parameters,
    answers: data,
    unknown: fetched.unknown,
    missing: fetched.missing.map((obstacle) =>
      plain({ ...obstacle, name: directory.providerName(obstacle.provider) }),
    ),
    connected: connectedOf(directory, sources, now),
    controls: controlsOf(request, (name) => answers[name]?.more === true),
    locale,
    timeZone,
    stale: times.stale,
  });
  const failed = failuresIn([...fetched.missing, ...fetched.marked]);
  const companies = companiesIn(model.connected);
  return { state: 'content', data, model, sources, times, companies, failed };
}

/**
 * The result of a rendering whose place an obstacle takes. `connected`: whether the viewer has a Connection to that provider that has not ended;
 * `sources`: the Connections that were used before it came up.
 */
export function toObstacleResult(
  directory: Providers,
  request: RenderRequest,
  obstacle: Obstacle,
  { connected, sources }: { readonly connected: boolean; readonly sources: readonly Source[] },
): RenderResult {
  const { gadget, locale } = request;
  const model = plain({
    gadget,
    obstacle: plain(obstacle),
    providerName: directory.providerName(obstacle.provider),
    accountPage: directory.provider(obstacle.provider)?.accountPage ?? null,
    connected,
    controls: controlsOf(request),
    locale,
  });
  return {
    state: obstacle.state,
    data: NO_DATA,
    model,
    sources,
    times: NO_TIMES,
    companies: [],
    failed: failuresIn([obstacle]),
  };
}
