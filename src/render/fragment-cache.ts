import { type Connection, type Owned, type Owner, ownerOf } from '../domain/connection.js';
import type { ParameterValues } from '../domain/gadget.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Changeable, Rendered, RenderRequest } from '../domain/rendering.js';
import { canonical } from '../gadgets/parameters.js';
import type { ConnectionCaches } from '../upstream/cache.js';
import type { Usable } from './usable-connections.js';

type Basis = readonly (string | number)[];

/** A fragment as it is kept in a private cache: it names its owner and everything that it was made with. */
class Fragment implements Owned {
  readonly owner: Owner;
  readonly basis: Basis;
  readonly rendered: Rendered;

  constructor(owner: Owner, basis: Basis, rendered: Rendered) {
    this.owner = owner;
    this.basis = basis;
    this.rendered = rendered;
  }
}

/** The key of a request, made for these Connections; for the same request and Connections it is not made again. */
interface Prepared {
  readonly version: string;
  readonly changeable: readonly Changeable[];
  readonly locale: string;
  readonly timeZone: string;
  readonly facts: readonly unknown[];
  basis: Basis;
  key: string;
}

/** One for all, so that it is distinguished from others by what it is. */
const NOTHING: readonly Changeable[] = [];

const basisOf = (used: readonly Usable[]): Basis =>
  used.flatMap(({ connection, api }) =>
    connection === null ? ['', 0, api] : [connection.id, connection.generation, api],
  );

const hasBasis = (basis: Basis, used: readonly Usable[]): boolean =>
  basis.length === 3 * used.length &&
  used.every(
    ({ connection, api }, index) =>
      basis[3 * index] === (connection?.id ?? '') &&
      basis[3 * index + 1] === (connection?.generation ?? 0) &&
      basis[3 * index + 2] === api,
  );

const firstOf = (used: readonly Usable[]): Connection | undefined =>
  used.find(({ connection }) => connection !== null)?.connection ?? undefined;

/**
 * Finished fragments, in the private cache of the first of the Connections they were made with, under a key that names all that
 * they depend on: every Connection and its generation, where each provider's record leads, gadget, version, parameters, what the viewer may
 * change of them, locale and time zone.
 */
export class FragmentCache {
  readonly #caches: Pick<ConnectionCaches, 'get' | 'set'>;
  readonly #misplaced: ReportMisplaced;
  /** By the parameters: those of a frame session stay the same object for as long as the session is remembered. */
  readonly #prepared = new WeakMap<ParameterValues, Prepared>();

  constructor(caches: Pick<ConnectionCaches, 'get' | 'set'>, misplaced: ReportMisplaced) {
    this.#caches = caches;
    this.#misplaced = misplaced;
  }

  find(request: RenderRequest, used: readonly Usable[]): Rendered | undefined {
    const first = firstOf(used);
    if (first === undefined) return undefined;
    const kept = this.#caches.get(ownerOf(first), this.#keyOf(request, used));
    if (!(kept instanceof Fragment)) return undefined;
    if (hasBasis(kept.basis, used)) return kept.rendered;
    this.#misplaced('derived', ownerOf(first));
    return undefined;
  }

  /** Keeps it until then, by the monotonic clock. */
  keep(request: RenderRequest, used: readonly Usable[], rendered: Rendered, until: number): void {
    const first = firstOf(used);
    if (first === undefined) return;
    const owner = ownerOf(first);
    const fragment = new Fragment(owner, basisOf(used), rendered);
    this.#caches.set(owner, this.#keyOf(request, used), fragment, rendered.body.byteLength, until);
  }

  #keyOf(request: RenderRequest, used: readonly Usable[]): string {
    const known = this.#prepare(request);
    if (known.key === '' || !hasBasis(known.basis, used)) {
      known.basis = basisOf(used);
      known.key = JSON.stringify([known.basis, known.facts]);
    }
    return known.key;
  }

  #prepare({ gadget, parameters, changeable = NOTHING, locale, timeZone }: RenderRequest): Prepared {
    const known = this.#prepared.get(parameters);
    const isKnown =
      known?.version === gadget.version &&
      known.changeable === changeable &&
      known.locale === locale &&
      known.timeZone === timeZone;
    if (isKnown) return known;
    const facts = [gadget.id, gadget.version, canonical(parameters), changeable, locale, timeZone];
    const made = { version: gadget.version, changeable, locale, timeZone, facts, basis: [], key: '' };
    this.#prepared.set(parameters, made);
    return made;
  }
}
