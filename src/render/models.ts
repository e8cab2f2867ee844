import type { Obstacle, RenderRequest } from '../domain/rendering.js';
import type { AnswerView, ConnectedView, ContentModel, StateModel } from '../views/view-models.js';
import type { Gathered } from './gather.js';
import type { RenderPorts } from './render-ports.js';

type Providers = Pick<RenderPorts, 'directory'>;

/** A record for templates: nothing to inherit, nothing to change. */
const plain = <T extends object>(record: T): T => Object.freeze(Object.assign(Object.create(null), record));

const nameOf = ({ directory }: Providers, provider: string): string => directory.providerName(provider);

const connectedOf = ({ directory }: Providers, { sources }: Gathered): readonly ConnectedView[] =>
  [...new Map(sources.map((source) => [source.provider, source])).values()].flatMap(
    ({ provider: id, connection }) => {
      const provider = directory.provider(id);
      if (provider === undefined) return [];
      const { name, accountPage, site = null } = provider;
      const tells = provider.account !== 'none';
      return [plain({ provider: id, name, account: connection.account, tells, accountPage, site })];
    },
  );

/** Whether any of the answers shown is older than it should be, and the oldest time one was fetched. */
export const agesOf = ({
  answers,
}: Gathered): { readonly stale: boolean; readonly fetchedAt: number | null } => {
  const all = [...answers.values()];
  return {
    stale: all.some((answer) => answer.stale),
    fetchedAt: all.length === 0 ? null : Math.min(...all.map((answer) => answer.fetchedAt)),
  };
};

/** What a gadget's view gets to see. */
export const contentModel = (
  ports: Providers,
  { gadget, locale, timeZone }: RenderRequest,
  gathered: Gathered,
): ContentModel => {
  const answers: Record<string, AnswerView> = Object.create(null);
  for (const [name, { data, fetchedAt, stale, pages, more }] of gathered.answers)
    answers[name] = plain({ data, fetchedAt, stale, pages, more });
  return plain({
    gadget,
    parameters: gathered.parameters,
    answers: Object.freeze(answers),
    unknown: gathered.unknown,
    missing: gathered.missing.map((obstacle) =>
      plain({ ...obstacle, name: nameOf(ports, obstacle.provider) }),
    ),
    connected: connectedOf(ports, gathered),
    locale,
    timeZone,
    stale: agesOf(gathered).stale,
  });
};

/** What the page of an obstacle gets to see. */
export const stateModel = (
  ports: Providers,
  { gadget, locale }: RenderRequest,
  obstacle: Obstacle,
  connected: boolean,
): StateModel =>
  plain({
    gadget,
    obstacle: plain(obstacle),
    providerName: nameOf(ports, obstacle.provider),
    accountPage: ports.directory.provider(obstacle.provider)?.accountPage ?? null,
    connected,
    locale,
  });
