import type { Gadget } from '../domain/gadget.js';
import type { Host } from '../domain/host.js';
import type { Clock, Directory, Journal } from '../domain/ports.js';
import type { Provider, ProviderDraft } from '../domain/provider.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;

/** Completes a draft from the server's own metadata, or says why it cannot. */
export type Discover = (draft: Draft) => Promise<Provider | { readonly failure: string }>;

const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 5 * 60_000;

const byId = <T extends { readonly id: string }>(items: Iterable<T>): Map<string, T> =>
  new Map([...items].map((item) => [item.id, item]));

/**
 * What the configuration and the gadgets on disk settle. A provider whose metadata cannot be read is asked again in the
 * background, since it must not keep the others from being served.
 */
export const openDirectory = (
  parts: {
    readonly hosts: readonly Host[];
    readonly providers: readonly ProviderDraft[];
    readonly gadgets: Iterable<Gadget>;
    readonly clock: Clock;
    readonly journal: Journal;
  },
  discover: Discover,
): { readonly directory: Directory; readonly settled: Promise<void>; stop(): void } => {
  const { clock, journal } = parts;
  const hosts = byId(parts.hosts);
  const gadgets = byId(parts.gadgets);
  const providers = byId(
    parts.providers.flatMap((each) => (each.kind === 'complete' ? [each.provider] : [])),
  );
  let stopped = false;

  const attempt = async (draft: Draft): Promise<boolean> => {
    const found = await discover(draft);
    if (!('failure' in found)) {
      providers.set(found.id, found);
      return true;
    }
    journal.warn('provider-undiscovered', {
      provider: draft.draft.id,
      issuer: draft.issuer,
      reason: found.failure,
      mend: 'Its metadata must be readable at the issuer (RFC 8414 or OpenID Connect Discovery); it is asked again by itself.',
    });
    return false;
  };

  const insist = async (draft: Draft): Promise<void> => {
    for (let pause = FIRST_PAUSE; !stopped; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await clock.sleep(pause);
      if (stopped || (await attempt(draft))) return;
    }
  };

  const drafts = parts.providers.flatMap((each) => (each.kind === 'discover' ? [each] : []));
  const settled = Promise.all(
    drafts.map(async (draft) => {
      if (!(await attempt(draft))) void insist(draft);
    }),
  ).then(() => undefined);

  return {
    directory: {
      host: (id) => hosts.get(id),
      provider: (id) => providers.get(id),
      gadget: (id) => gadgets.get(id),
    },
    settled,
    stop() {
      stopped = true;
    },
  };
};
