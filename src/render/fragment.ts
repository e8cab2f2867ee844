import { type Connection, type Owned, type Owner, ownerOf } from '../domain/connection.js';
import type { ParameterValues } from '../domain/gadget.js';
import type { Rendered, RenderRequest } from '../domain/rendering.js';
import { canonical } from '../gadgets/parameters.js';
import type { RenderPorts } from './render-ports.js';

/** What a gadget has of one of its providers: the viewer's Connection, null where none can be used, and where the record leads. */
export interface Used {
  readonly connection: Connection | null;
  /** The provider's `api`; empty where it is not known. */
  readonly api: string;
}

/** Of each of a gadget's providers, in their order. */
export type Connections = readonly Used[];

type Basis = readonly (string | number)[];

/** A fragment as it lies in a private cache: it names its owner and all that it was made with. */
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

/** A question's key, made for these Connections; with the same question and Connections it need not be made again. */
interface Prepared {
  readonly version: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly facts: readonly unknown[];
  basis: Basis;
  key: string;
}

const basisOf = (connections: Connections): Basis =>
  connections.flatMap(({ connection, api }) =>
    connection === null ? ['', 0, api] : [connection.id, connection.generation, api],
  );

const hasBasis = (basis: Basis, connections: Connections): boolean =>
  basis.length === 3 * connections.length &&
  connections.every(
    ({ connection, api }, index) =>
      basis[3 * index] === (connection?.id ?? '') &&
      basis[3 * index + 1] === (connection?.generation ?? 0) &&
      basis[3 * index + 2] === api,
  );

/**
 * Finished fragments, in the private cache of the first of the Connections they were made with, under a key that names all that
 * they depend on: every Connection and its generation, where each provider's record leads, gadget, version, parameters, locale and time zone.
 */
export interface Fragments {
  find(request: RenderRequest, connections: Connections): Rendered | undefined;
  keep(request: RenderRequest, connections: Connections, rendered: Rendered, until: number): void;
}

export const fragmentsIn = ({ caches, misplaced }: Pick<RenderPorts, 'caches' | 'misplaced'>): Fragments => {
  // By the parameters: a frame session's stay the same object for as long as it is remembered.
  const prepared = new WeakMap<ParameterValues, Prepared>();

  const prepare = ({ gadget, parameters, locale, timeZone }: RenderRequest): Prepared => {
    const known = prepared.get(parameters);
    if (known?.version === gadget.version && known.locale === locale && known.timeZone === timeZone)
      return known;
    const facts = [gadget.id, gadget.version, canonical(parameters), locale, timeZone];
    const made = { version: gadget.version, locale, timeZone, facts, basis: [], key: '' };
    prepared.set(parameters, made);
    return made;
  };

  const keyOf = (request: RenderRequest, connections: Connections): string => {
    const known = prepare(request);
    if (known.key === '' || !hasBasis(known.basis, connections)) {
      known.basis = basisOf(connections);
      known.key = JSON.stringify([known.basis, known.facts]);
    }
    return known.key;
  };

  const firstOf = (connections: Connections): Connection | undefined =>
    connections.find(({ connection }) => connection !== null)?.connection ?? undefined;

  return {
    find(request, connections) {
      const first = firstOf(connections);
      if (first === undefined) return undefined;
      const kept = caches.get(ownerOf(first), keyOf(request, connections));
      if (!(kept instanceof Fragment)) return undefined;
      if (hasBasis(kept.basis, connections)) return kept.rendered;
      misplaced('derived', ownerOf(first));
      return undefined;
    },
    keep(request, connections, rendered, until) {
      const first = firstOf(connections);
      if (first === undefined) return;
      const owner = ownerOf(first);
      const key = keyOf(request, connections);
      const fragment = new Fragment(owner, basisOf(connections), rendered);
      caches.set(owner, key, fragment, rendered.body.byteLength, until);
    },
  };
};
