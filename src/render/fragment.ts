import type { Connection } from '../domain/connection.js';
import type { ParameterValues } from '../domain/gadget.js';
import { canonical } from '../domain/parameters.js';
import type { Rendered, RenderRequest } from '../domain/rendering.js';
import type { RenderPorts } from './ports.js';

/** The viewer's Connection to each of a gadget's providers, in their order; null where there is none that can be used. */
export type Connections = readonly (Connection | null)[];

/** A fragment as it lies in a private cache; being of this class is how it is told from what others keep there. */
class Fragment {
  readonly rendered: Rendered;

  constructor(rendered: Rendered) {
    this.rendered = rendered;
  }
}

/** A question's key, made for these Connections; with the same question and Connections it need not be made again. */
interface Prepared {
  readonly version: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly facts: readonly unknown[];
  basis: readonly (string | number)[];
  key: string;
}

const basisOf = (connections: Connections): readonly (string | number)[] =>
  connections.flatMap((connection) =>
    connection === null ? ['', 0] : [connection.id, connection.generation],
  );

const hasBasis = (basis: readonly (string | number)[], connections: Connections): boolean =>
  basis.length === 2 * connections.length &&
  connections.every(
    (connection, index) =>
      basis[2 * index] === (connection?.id ?? '') && basis[2 * index + 1] === (connection?.generation ?? 0),
  );

/**
 * Finished fragments, in the private cache of the first of the Connections they were made with, under a key that names all that
 * they depend on: every Connection and its generation, gadget, version, parameters, locale and time zone.
 */
export interface Fragments {
  find(request: RenderRequest, connections: Connections): Rendered | undefined;
  keep(request: RenderRequest, connections: Connections, rendered: Rendered, until: number): void;
}

export const fragmentsIn = (caches: RenderPorts['caches']): Fragments => {
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

  const ownerOf = (connections: Connections): Connection | undefined =>
    connections.find((connection) => connection !== null) ?? undefined;

  return {
    find(request, connections) {
      const owner = ownerOf(connections);
      if (owner === undefined) return undefined;
      const kept = caches.get(owner.id, keyOf(request, connections));
      return kept instanceof Fragment ? kept.rendered : undefined;
    },
    keep(request, connections, rendered, until) {
      const owner = ownerOf(connections);
      if (owner === undefined) return;
      caches.set(
        owner.id,
        keyOf(request, connections),
        new Fragment(rendered),
        rendered.body.byteLength,
        until,
      );
    },
  };
};
