import { createHmac } from 'node:crypto';
import type { Config } from '../config/config.js';
import type { Directory } from '../config/directory.js';
import type { Gadget } from '../domain/gadget.js';
import { Secret } from '../domain/secret.js';
import type { Clock, Journal } from '../domain/system.js';
import { bindGadget } from '../hosts/bound-gadget.js';
import { CONSOLE_HOST, previewName } from '../hosts/console-host.js';
import type { Host } from '../hosts/host.js';
import type { Discovery } from '../providers/discovery.js';
import type { Provider, ProviderDraft } from '../providers/provider.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;

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

const heldAtFirst = ({ value: draft, stamp }: Stamped<ProviderDraft>, old: Held | undefined): Held => ({
  stamp,
  name: draft.kind === 'complete' ? draft.provider.name : draft.draft.name,
  // While the metadata is read, viewers are served by what was before rather than by nothing.
  provider: draft.kind === 'complete' ? draft.provider : old?.provider,
  gone: false,
});

interface DirectoryDeps {
  /** What is served at first. */
  readonly gadgets: Iterable<Gadget>;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly discovery: Pick<Discovery, 'complete'>;
}

/**
 * Looks hosts, providers and gadgets up, in memory and at once. What it holds can be replaced while it serves: what did not change stays
 * the same object, so that whatever was prepared for it stays good. A provider whose metadata cannot be read is asked again in the
 * background, since it must not keep the others from being served.
 */
export class ServedDirectory implements Directory {
  readonly #deps: DirectoryDeps;
  #shelf: ReturnType<typeof shelfOf>;
  #hosts: ReadonlyMap<string, Stamped<Host>> = new Map();
  #hostList: readonly Host[] = [];
  #providers: ReadonlyMap<string, Held> = new Map();
  #leaving: ReadonlyMap<string, Held> = new Map();
  #stopped = false;

  constructor(deps: DirectoryDeps) {
    this.#deps = deps;
    this.#shelf = shelfOf(deps.gadgets);
  }

  host(id: string): Host | undefined {
    return this.#hosts.get(id)?.value;
  }

  provider(id: string): Provider | undefined {
    return this.#providers.get(id)?.provider;
  }

  providerName(id: string): string {
    return this.#providers.get(id)?.name ?? this.#leaving.get(id)?.name ?? id;
  }

  leaving(id: string): Provider | undefined {
    return this.#leaving.get(id)?.provider;
  }

  gadget(id: string): Gadget | undefined {
    return this.#shelf.byId.get(id);
  }

  gadgets(): readonly Gadget[] {
    return this.#shelf.byTitle;
  }

  /** All hosts; the same list until others are taken. */
  hosts(): readonly Host[] {
    return this.#hostList;
  }

  /** Ids of all providers, and those of them whose metadata is known; the ones that are leaving too. */
  providers(): { readonly ids: readonly string[]; readonly known: readonly Provider[] } {
    const all = [...this.#providers, ...this.#leaving];
    return {
      ids: all.map(([id]) => id),
      known: all.flatMap(([, { provider }]) => (provider === undefined ? [] : [provider])),
    };
  }

  /** Serves by this from now on. Resolves when every new provider's metadata was asked for once. */
  async take(content: Content): Promise<void> {
    const asked: Promise<void>[] = [];
    this.#hosts = takenHosts(this.#hosts, content.hosts);
    this.#hostList = [...this.#hosts.values()].map(({ value }) => value);
    this.#providers = this.#replaced(this.#providers, content.providers, asked);
    this.#leaving = this.#replaced(this.#leaving, content.leaving, asked);
    await Promise.all(asked);
  }

  /** Serves these gadgets from now on. */
  takeGadgets(gadgets: Iterable<Gadget>): void {
    this.#shelf = shelfOf(gadgets);
  }

  /** Asks no provider for its metadata any more. */
  stop(): void {
    this.#stopped = true;
  }

  #replaced(
    before: ReadonlyMap<string, Held>,
    drafts: readonly Stamped<ProviderDraft>[],
    asked: Promise<void>[],
  ): ReadonlyMap<string, Held> {
    const after = new Map<string, Held>();
    for (const draft of drafts) {
      const id = idOf(draft.value);
      const old = before.get(id);
      const held = old?.stamp === draft.stamp ? old : heldAtFirst(draft, old);
      after.set(id, held);
      if (held !== old && draft.value.kind === 'discover') asked.push(this.#settle(held, draft.value));
    }
    for (const [id, held] of before) held.gone = after.get(id) !== held;
    return after;
  }

  async #settle(held: Held, draft: Draft): Promise<void> {
    if (await this.#attempt(held, draft)) return;
    // What it was before must not serve for what it is now.
    held.provider = undefined;
    void this.#insist(held, draft);
  }

  async #insist(held: Held, draft: Draft): Promise<void> {
    const isOver = (): boolean => this.#stopped || held.gone;
    for (let pause = FIRST_PAUSE; !isOver(); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await this.#deps.clock.sleep(pause);
      if (isOver() || (await this.#attempt(held, draft))) return;
    }
  }

  async #attempt(held: Held, draft: Draft): Promise<boolean> {
    const found = await this.#deps.discovery.complete(draft);
    if (held.gone) return true;
    if (!('failure' in found)) {
      held.provider = found;
      return true;
    }
    this.#deps.journal.warn('provider-undiscovered', {
      provider: draft.draft.id,
      issuer: draft.issuer,
      reason: found.failure,
      fix: 'Its metadata must be readable at the issuer (RFC 8414 or OpenID Connect Discovery); it is asked again by itself.',
    });
    return false;
  }
}

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/**
 * The console as a host of gadgets. Its key follows from the first key of the ring, so that every process of one store takes the
 * tokens of each; it is written nowhere, and only signed-in administrators are given tokens.
 */
const consoleHost = (
  siteOrigin: string,
  first: SealingKey,
  gadgets: readonly Gadget[],
  hosts: readonly Host[],
): Host => {
  const secret = createHmac('sha256', first.key.reveal()).update(CONSOLE_HOST).digest('base64url');
  const bindings = Object.fromEntries([
    ...gadgets.map(({ id }) => [id, { gadget: id, providers: {} }] as const),
    ...hosts.flatMap((host) =>
      Object.entries(host.bindings ?? {}).map(
        ([name, binding]) => [previewName(host, name), binding] as const,
      ),
    ),
  ]);
  const byId = new Map(gadgets.map((gadget) => [gadget.id, gadget]));
  const used = Object.entries(bindings).flatMap(([name, binding]) => {
    const gadget = byId.get(binding.gadget);
    return gadget === undefined ? [] : bindGadget(gadget, name, binding).providers;
  });
  return Object.freeze({
    id: CONSOLE_HOST,
    name: 'Oriel’s administration console',
    origins: [siteOrigin],
    key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(secret) } as const,
    gadgets: Object.keys(bindings),
    bindings,
    providers: unique(used),
    connectMode: 'opener',
    connectUrl: null,
  });
};

const NO_HOSTS: readonly Host[] = [];

/** The console as it was last made a host, and of what. */
interface HeldConsole {
  readonly first: SealingKey;
  readonly gadgets: readonly Gadget[];
  readonly hosts: readonly Host[];
  readonly host: Host;
}

/** A directory with the console as one more host, which may show every gadget, also as the other hosts bind it; without a key or a console there is none. */
export class DirectoryWithConsole implements Directory {
  readonly #directory: Directory;
  readonly #config: Pick<Config, 'siteOrigin' | 'admin'>;
  readonly #keys: () => readonly SealingKey[];
  readonly #hosts: () => readonly Host[];
  #held: HeldConsole | null = null;

  /** `keys` gives the ring as it is now: a key that is no longer first, perhaps because it leaked, signs nothing from that moment. */
  constructor(
    directory: Directory,
    config: Pick<Config, 'siteOrigin' | 'admin'>,
    keys: () => readonly SealingKey[],
    hosts: () => readonly Host[] = () => NO_HOSTS,
  ) {
    this.#directory = directory;
    this.#config = config;
    this.#keys = keys;
    this.#hosts = hosts;
  }

  host(id: string): Host | undefined {
    return id === CONSOLE_HOST && this.#config.admin.enabled ? this.#console() : this.#directory.host(id);
  }

  provider(id: string): Provider | undefined {
    return this.#directory.provider(id);
  }

  providerName(id: string): string {
    return this.#directory.providerName(id);
  }

  leaving(id: string): Provider | undefined {
    return this.#directory.leaving(id);
  }

  gadget(id: string): Gadget | undefined {
    return this.#directory.gadget(id);
  }

  gadgets(): readonly Gadget[] {
    return this.#directory.gadgets();
  }

  #console(): Host | undefined {
    const [first] = this.#keys();
    if (first === undefined) return undefined;
    const gadgets = this.gadgets();
    const hosts = this.#hosts();
    const held = this.#held;
    if (held?.first === first && held.gadgets === gadgets && held.hosts === hosts) return held.host;
    const host = consoleHost(this.#config.siteOrigin, first, gadgets, hosts);
    this.#held = { first, gadgets, hosts, host };
    return host;
  }
}
