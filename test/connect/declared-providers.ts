import type { Gadget } from '../../src/domain/gadget.js';
import type { Host } from '../../src/hosts/host.js';
import type { Provider, ProviderDraft } from '../../src/providers/provider.js';
import { ServedDirectory, type Stamped } from '../../src/server/served-directory.js';

type Deps = Omit<ConstructorParameters<typeof ServedDirectory>[0], 'gadgets'>;

/** The server's own directory, of one host and its gadget, and of providers whose records a test changes at once. */
export class DeclaredProviders {
  readonly directory: ServedDirectory;
  readonly #host: Host;
  readonly #providers = new Map<string, Stamped<ProviderDraft>>();
  #changes = 0;

  constructor(deps: Deps, { host, gadget }: { readonly host: Host; readonly gadget: Gadget }) {
    this.directory = new ServedDirectory({ ...deps, gadgets: [gadget] });
    this.#host = host;
  }

  /** In place of the record with that id, if there is one. */
  declare(provider: Provider): void {
    this.#changes += 1;
    this.#providers.set(provider.id, { stamp: `${this.#changes}`, value: { kind: 'complete', provider } });
    this.#serve();
  }

  withdraw(id: string): void {
    this.#providers.delete(id);
    this.#serve();
  }

  #serve(): void {
    const hosts = [{ stamp: 'as ever', value: this.#host }];
    void this.directory.take({ hosts, providers: [...this.#providers.values()], leaving: [] });
  }
}
