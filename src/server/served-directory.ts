import type { Directory } from '../config/directory.js';
import type { Gadget } from '../domain/gadget.js';
import type { Clock, Journal } from '../domain/system.js';
import type { Host } from '../hosts/host.js';
import type { Provider, ProviderDraft } from '../providers/provider.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;

/** Completes a draft from the server's own metadata, or says why it cannot. */
export type Discover = (draft: Draft) => Promise<Provider | { readonly failure: string }>;

/** Something declared, and a text that differs whenever its declaration does. */
export interface Stamped<T> {
  readonly value: T;
  readonly stamp: string;
}

/** Everything the server works with, and the providers that are being removed: they are only asked to revoke permissions. */
export interface Content {
  readonly hosts: readonly Stamped<Host>[];
  readonly providers: readonly Stamped<ProviderDraft>[];
  readonly leaving: readonly Stamped<ProviderDraft>[];
}

interface Held {
  readonly stamp: string;
  readonly name: string;
  /** Undefined until its metadata was read. */
  provider: Provider | undefined;
  /** It was replaced or removed: its metadata is not fetched any more. */
  gone: boolean;
}

const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 5 * 60_000;

export const idOf = (draft: ProviderDraft): string =>
  draft.kind === 'complete' ? draft.provider.id : draft.draft.id;

/** Gadgets by title and by id. */
const shelfOf = (gadgets: Iterable<Gadget>) => {
  const byTitle = [...gadgets].toSorted((one, other) => one.title.localeCompare(other.title, 'en'));
  return { byTitle, byId: new Map(byTitle.map((gadget) => [gadget.id, gadget])) };
};

/** Hosts by id; one that did not change stays the same object. */
const takenHosts = (
  known: ReadonlyMap<string, Stamped<Host>>,
  now: readonly Stamped<Host>[],
): Map<string, Stamped<Host>> =>
  new Map(
    now.map((host) => {
      const old = known.get(host.value.id);
      return [host.value.id, old?.stamp === host.stamp ? old : host];
    }),
  );

/**
 * Looks hosts, providers and gadgets up, in memory and at once. What it holds can be replaced while it serves: what did not change stays
 * the same object, so that whatever was prepared for it stays good. A provider whose metadata cannot be read is asked again in the
 * background, since it must not keep the others from being served.
 */
export const changeableDirectory = (
  {
    gadgets,
    clock,
    journal,
  }: { readonly gadgets: Iterable<Gadget>; readonly clock: Clock; readonly journal: Journal },
  discover: Discover,
): {
  readonly directory: Directory;
  /** All hosts; the same list until others are taken. */
  hosts(): readonly Host[];
  /** Ids of all providers, and those of them whose metadata is known; the ones that are leaving too. */
  providers(): { readonly ids: readonly string[]; readonly known: readonly Provider[] };
  /** Serves by this from now on. Resolves when every new provider's metadata was asked for once. */
  take(content: Content): Promise<void>;
  /** Serves these gadgets from now on. */
  takeGadgets(gadgets: Iterable<Gadget>): void;
  stop(): void;
} => {
  let shelf = shelfOf(gadgets);
  let hosts = new Map<string, Stamped<Host>>();
  let hostList: readonly Host[] = [];
  let providers = new Map<string, Held>();
  let leaving = new Map<string, Held>();
  let stopped = false;

  const attempt = async (held: Held, draft: Draft): Promise<boolean> => {
    const found = await discover(draft);
    if (held.gone) return true;
    if (!('failure' in found)) {
      held.provider = found;
      return true;
    }
    journal.warn('provider-undiscovered', {
      provider: draft.draft.id,
      issuer: draft.issuer,
      reason: found.failure,
      fix: 'Its metadata must be readable at the issuer (RFC 8414 or OpenID Connect Discovery); it is asked again by itself.',
    });
    return false;
  };

  const insist = async (held: Held, draft: Draft): Promise<void> => {
    for (let pause = FIRST_PAUSE; !stopped && !held.gone; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await clock.sleep(pause);
      if (stopped || held.gone || (await attempt(held, draft))) return;
    }
  };

  const settle = async (held: Held, draft: Draft): Promise<void> => {
    if (await attempt(held, draft)) return;
    // What it was before must not serve for what it is now.
    held.provider = undefined;
    void insist(held, draft);
  };

  const beginning = ({ value: draft, stamp }: Stamped<ProviderDraft>, old: Held | undefined): Held => ({
    stamp,
    name: draft.kind === 'complete' ? draft.provider.name : draft.draft.name,
    // While the metadata is read, viewers are served by what was before rather than by nothing.
    provider: draft.kind === 'complete' ? draft.provider : old?.provider,
    gone: false,
  });

  const replaced = (
    before: ReadonlyMap<string, Held>,
    drafts: readonly Stamped<ProviderDraft>[],
    asked: Promise<void>[],
  ): Map<string, Held> => {
    const after = new Map<string, Held>();
    for (const draft of drafts) {
      const id = idOf(draft.value);
      const old = before.get(id);
      const held = old?.stamp === draft.stamp ? old : beginning(draft, old);
      after.set(id, held);
      if (held !== old && draft.value.kind === 'discover') asked.push(settle(held, draft.value));
    }
    for (const [id, held] of before) held.gone = after.get(id) !== held;
    return after;
  };

  return {
    directory: {
      host: (id) => hosts.get(id)?.value,
      provider: (id) => providers.get(id)?.provider,
      providerName: (id) => providers.get(id)?.name ?? leaving.get(id)?.name ?? id,
      leaving: (id) => leaving.get(id)?.provider,
      gadget: (id) => shelf.byId.get(id),
      gadgets: () => shelf.byTitle,
    },
    hosts: () => hostList,
    providers() {
      const all = [...providers, ...leaving];
      return {
        ids: all.map(([id]) => id),
        known: all.flatMap(([, { provider }]) => (provider === undefined ? [] : [provider])),
      };
    },
    async take(content) {
      const asked: Promise<void>[] = [];
      hosts = takenHosts(hosts, content.hosts);
      hostList = [...hosts.values()].map(({ value }) => value);
      providers = replaced(providers, content.providers, asked);
      leaving = replaced(leaving, content.leaving, asked);
      await Promise.all(asked);
    },
    takeGadgets(given) {
      shelf = shelfOf(given);
    },
    stop() {
      stopped = true;
    },
  };
};
