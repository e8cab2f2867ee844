import * as z from 'zod';
import { isWithin, type Mistake, type Path } from '../domain/document-path.js';
import { type HostEntry, hostSchema } from '../hosts/host-schema.js';
import { type ProviderEntry, providerSchema } from '../providers/provider-schema.js';

/** The parts of a configuration that each are right in themselves. */
export interface Parts {
  readonly gadgetOrigin: string | null;
  readonly siteOrigin: string | null;
  readonly keys: readonly string[];
  /** What `outgoing.allow` says; null where it says nothing. */
  readonly allow: readonly string[] | null;
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly providers: ReadonlyMap<string, ProviderEntry>;
  /** Ids that are written down, whether or not what they name is right. */
  readonly hostIds: ReadonlySet<string>;
  readonly providerIds: ReadonlySet<string>;
}

type Group = Readonly<Record<string, unknown>>;

const groupOf = (value: unknown): Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Parses the members of a group one by one, so that one member's mistake does not hide what is wrong between the others. */
const members = <T extends z.ZodType>(
  schema: T,
  group: Group,
  usable: (id: string) => boolean,
): ReadonlyMap<string, z.output<T>> =>
  new Map(
    Object.entries(group).flatMap(([id, value]) => {
      const parsed = schema.safeParse(value);
      return parsed.success && usable(id) ? [[id, parsed.data] as const] : [];
    }),
  );

/** Takes out of a document what is right in itself, whatever mistakes there are beside it. */
export const partsOf = (data: unknown, mistakes: readonly Mistake[]): Parts => {
  const top = groupOf(data);
  const sound = (path: Path): boolean => !mistakes.some((mistake) => isWithin(mistake.path, path));
  const textAt = (key: string): string | null => {
    const value = top[key];
    return typeof value === 'string' && sound([key]) ? value : null;
  };
  const hosts = groupOf(top.hosts);
  const providers = groupOf(top.providers);
  const texts = z.array(z.string());
  const keys = texts.safeParse(top.keys);
  const allow = texts.safeParse(groupOf(top.outgoing).allow);
  return {
    gadgetOrigin: textAt('gadgetOrigin'),
    siteOrigin: textAt('siteOrigin'),
    keys: keys.success ? keys.data : [],
    allow: allow.success && sound(['outgoing']) ? allow.data : null,
    hosts: members(hostSchema, hosts, (id) => sound(['hosts', id])),
    providers: members(providerSchema, providers, (id) => sound(['providers', id])),
    hostIds: new Set(Object.keys(hosts)),
    providerIds: new Set(Object.keys(providers)),
  };
};
