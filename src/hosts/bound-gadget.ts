import { createHash } from 'node:crypto';
import type { Gadget, GadgetBinding } from '../domain/gadget.js';
import type { Host } from './host.js';

/** Looks gadgets up by their ids. */
interface Gadgets {
  gadget(id: string): Gadget | undefined;
}

/** Those that were bound for a host, by the host's names. A host that was read again is another object, and so are its gadgets. */
const made = new WeakMap<Host, Map<string, { readonly from: Gadget; readonly bound: Gadget }>>();

/** The binding of a name; null where it is none of this host's own. */
export const bindingOf = ({ bindings = {} }: Host, name: string): GadgetBinding | null =>
  (Object.hasOwn(bindings, name) ? bindings[name] : undefined) ?? null;

/** Part of every cache key: what was made by one binding never stands for another. */
const versionOf = ({ version }: Gadget, binding: GadgetBinding): string => {
  const facts = [version, binding.gadget, Object.entries(binding.providers).sort()];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
};

/** Two roles may be played by one provider. */
const scopesAs = (
  scopes: NonNullable<Gadget['scopes']>,
  playing: (role: string) => string,
): NonNullable<Gadget['scopes']> => {
  const all = new Map<string, readonly string[]>();
  for (const [role, needed] of Object.entries(scopes)) {
    const id = playing(role);
    all.set(id, [...new Set([...(all.get(id) ?? []), ...needed])]);
  }
  return Object.fromEntries(all);
};

/** A gadget under the name that a host gives it, asking the providers that the host has play its roles. */
export const bindGadget = (gadget: Gadget, name: string, binding: GadgetBinding): Gadget => {
  const { providers } = binding;
  const playing = (role: string): string =>
    (Object.hasOwn(providers, role) ? providers[role] : undefined) ?? role;
  return Object.freeze({
    ...gadget,
    definition: gadget,
    id: name,
    version: versionOf(gadget, binding),
    requests: gadget.requests.map((request) => ({ ...request, provider: playing(request.provider) })),
    providers: [...new Set(gadget.providers.map(playing))],
    ...(gadget.scopes !== undefined && { scopes: scopesAs(gadget.scopes, playing) }),
    bound: {
      gadget: gadget.id,
      providers: Object.fromEntries(gadget.providers.map((role) => [role, playing(role)])),
    },
  });
};

/**
 * The gadget that a host means by this name, its roles played by the host's providers; for the same host and definition the same object. Of a
 * host that binds nothing, or is not known any more, names are ids. Whether the host may show it is asked of `mayShow`.
 */
export function gadgetNamed(gadgets: Gadgets, host: Host | undefined, name: string): Gadget | undefined {
  const binding = host === undefined ? null : bindingOf(host, name);
  if (host === undefined || binding === null) return gadgets.gadget(name);
  const from = gadgets.gadget(binding.gadget);
  if (from === undefined) return undefined;
  const known = made.get(host) ?? new Map();
  made.set(host, known);
  const last = known.get(name);
  if (last?.from === from) return last.bound;
  const bound = bindGadget(from, name, binding);
  known.set(name, { from, bound });
  return bound;
}

/** The gadgets that a host may show, by its names for them; those that it has several times are distinguished by these. */
export function titledGadgets(
  gadgets: Gadgets,
  host: Host,
): readonly { readonly id: string; readonly title: string }[] {
  const known = host.gadgets.flatMap((name) => gadgetNamed(gadgets, host, name) ?? []);
  const isShared = (title: string): boolean => known.filter((each) => each.title === title).length > 1;
  return known.map(({ id, title }) => ({ id, title: isShared(title) ? `${title} (${id})` : title }));
}
