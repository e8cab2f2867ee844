import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { isWithin, type Mistake, pathText } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import { Secret } from '../domain/secret.js';
import type { Host } from '../hosts/host.js';
import { hostRecord } from '../hosts/host-schema.js';
import { providerDraft } from '../providers/provider-record.js';
import type { DatabaseAddress } from '../store/engine/database-address.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import { adminConfig } from './admin-schema.js';
import { fileReader, readBytes, readStandardInput, readUtf8 } from './bounded-files.js';
import type { Config } from './config.js';
import { ConfigFaults } from './config-faults.js';
import { type ConfigEntry, configSchema } from './config-schema.js';
import { crossChecks } from './cross-checks.js';
import { databaseAddress } from './database-settings.js';
import { explainIssues } from './explain-mistakes.js';
import { freeze } from './freeze.js';
import { type Environment, interpolate } from './interpolate.js';
import { configJsonSchema } from './json-schema.js';
import { readRingKey } from './key-ring.js';
import { fillLists } from './list-variables.js';
import { listenOn, PORTS } from './listen-schema.js';
import { boundMistakes, outgoingBound } from './outgoing-bound.js';
import { type Parts, partsOf } from './parts.js';
import { outgoingProxy, proxyMistakes } from './proxy-settings.js';
import { parseYaml } from './yaml-source.js';

/** As the file has them; a key that is written and left empty holds none. */
const entriesOf = (data: unknown): Secret => {
  const { hosts, providers }: Readonly<Record<string, unknown>> = { ...(data as object) };
  return new Secret(JSON.stringify({ hosts: hosts ?? {}, providers: providers ?? {} }));
};

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

const tracesOf = (entry: ConfigEntry['traces'], env: Environment): Config['traces'] => {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  if (entry === undefined)
    return ENDPOINTS.some((name) => env[name])
      ? { endpoint: null, sample: null, continueFromProxy: false, headers: {} }
      : null;
  const { endpoint, sample, continueFromProxy } = entry;
  const at = new URL(endpoint);
  const headers = Object.entries(entry.headers).map(([name, value]) => [name, new Secret(value)] as const);
  return {
    endpoint: at.pathname === '/' ? new URL('/v1/traces', at).href : endpoint,
    sample,
    continueFromProxy,
    headers: Object.fromEntries(headers),
  };
};

const assemble = (entry: ConfigEntry, data: unknown, file: string, env: Environment): Config => {
  const folder = dirname(file);
  const absolute = (path: string): string => resolve(folder, path);
  return freeze({
    ...entry,
    file,
    database: databaseAddress(entry.database, folder),
    workers: entry.workers === 'cores' ? availableParallelism() : entry.workers,
    keys: entry.keys.flatMap((key) => readRingKey(key) ?? []),
    admin: adminConfig(entry.admin),
    listen: listenOn(entry.listen, PORTS.server, absolute),
    traces: tracesOf(entry.traces, env),
    metrics: entry.metrics ? { listen: listenOn(entry.metrics.listen, PORTS.metrics, absolute) } : null,
    outgoing: outgoingBound(entry),
    outgoingProxy: outgoingProxy(entry.outgoingProxy, env),
    gadgets: entry.gadgets.map(absolute),
    hosts: Object.entries(entry.hosts).map(([id, host]) => hostRecord(id, host)),
    providers: Object.entries(entry.providers).flatMap(([id, each]) => providerDraft(id, each) ?? []),
    entries: entriesOf(data),
  });
};

const whole = (file: string, problem: string, expected: string, line: number | null = null): Fault => ({
  file,
  path: '',
  line,
  problem,
  expected,
  example: null,
});

/** Whether what the file names must be declared in it, or may be declared in the store, against which it is held later. */
export type Scope = 'alone' | 'beside-store';

/** The settings of a file that are right in themselves, for callers that go on checking in spite of mistakes beside them. */
interface SoundSettings {
  /** Null where it is wrong, or hangs on something that is. */
  readonly database: DatabaseAddress | null;
  readonly keys: readonly SealingKey[];
  /** Absolute paths. */
  readonly gadgets: readonly string[];
  readonly hosts: readonly Host[];
}

/** What a file holds: the whole of it, or every mistake and what is right beside them. */
type Examined =
  | { readonly config: Config }
  | { readonly faults: readonly Fault[]; readonly sound: SoundSettings };

const NOTHING: SoundSettings = { database: null, keys: [], gadgets: [], hosts: [] };

const soundIn = (data: unknown, mistakes: readonly Mistake[], file: string): SoundSettings => {
  const folder = dirname(file);
  const top: Readonly<Record<string, unknown>> =
    typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : {};
  const right = <T>(key: string, schema: z.ZodType<T>): T | null => {
    const parsed = schema.safeParse(top[key]);
    return parsed.success && !mistakes.some(({ path }) => isWithin(path, [key])) ? parsed.data : null;
  };
  const { database, gadgets, keys } = configSchema.shape;
  const url = right('database', database);
  return {
    database: url === null ? null : databaseAddress(url, folder),
    keys: (right('keys', keys) ?? []).flatMap((key) => readRingKey(key) ?? []),
    gadgets: (right('gadgets', gadgets) ?? []).map((each) => resolve(folder, each)),
    hosts: [...partsOf(data, mistakes).hosts].map(([id, host]) => hostRecord(id, host)),
  };
};

/** A file that sets no bound is its own. */
const beyondBound = (parts: Parts): readonly Mistake[] =>
  parts.allow === null ? [] : boundMistakes(parts, { allow: parts.allow, isSet: true });

const unread = (faults: readonly Fault[]): Examined => ({ faults, sound: NOTHING });

/** Reads a configuration's bytes as `parseConfig` does, and gives what is right where not all of it is. Never throws for any input. */
const examineConfig = (
  bytes: Uint8Array,
  file: string,
  env: Environment,
  scope: Scope = 'alone',
): Examined => {
  const content = readUtf8(bytes);
  if (content === null) return unread([whole(file, 'the file is not UTF-8 text', 'YAML in UTF-8')]);
  const yaml = parseYaml(content);
  if ('problems' in yaml)
    return unread(yaml.problems.map(({ problem, expected, line }) => whole(file, problem, expected, line)));
  const complete = interpolate(yaml.source.data, { env, readFile: fileReader(file) });
  const { unresolved } = complete;
  const data = fillLists(configSchema, yaml.source.data, complete.data);
  const parsed = configSchema.safeParse(data);
  const refused = parsed.success
    ? []
    : explainIssues(parsed.error.issues, [], data, configJsonSchema()).filter(
        // A value that could not be completed is one mistake, not two.
        (mistake) =>
          !unresolved.some(({ path }) => isWithin(mistake.path, path) || isWithin(path, mistake.path)),
      );
  const found = [...unresolved, ...refused];
  const parts = partsOf(data, found);
  const all: readonly Mistake[] = [
    ...found,
    ...crossChecks(parts),
    ...beyondBound(parts),
    ...proxyMistakes(data, env),
  ];
  const mistakes = all.filter(({ elsewhere }) => scope === 'alone' || elsewhere !== true);
  if (mistakes.length === 0 && parsed.success) return { config: assemble(parsed.data, data, file, env) };
  const faults = mistakes.map(({ path, elsewhere, ...mistake }) => ({
    file,
    path: pathText(path),
    line: yaml.source.lineOf(path),
    ...mistake,
  }));
  return {
    faults: faults.sort((a, b) => a.line - b.line),
    sound: soundIn(data, all, file),
  };
};

/**
 * Reads a configuration's bytes. `file` is its absolute path: relative paths in it start from its folder. Throws `ConfigFaults`
 * with every mistake there is, and nothing else for any input.
 */
export const parseConfig = (
  bytes: Uint8Array,
  file: string,
  env: Environment,
  scope: Scope = 'alone',
): Config => {
  const examined = examineConfig(bytes, file, env, scope);
  if ('faults' in examined) throw new ConfigFaults(examined.faults);
  return examined.config;
};

/** What the file is called where the configuration came from standard input: its relative paths start from the working folder. */
const STANDARD_INPUT = '<standard input>';

/** Whether a configuration came from standard input, which can be read once. */
export const isStandardInput = ({ file }: Pick<Config, 'file'>): boolean => file === STANDARD_INPUT;

/** What a configuration's file is called in messages: its absolute path, or that it is standard input. */
export const placeOfConfig = (file: string): string =>
  file === '-' || file === STANDARD_INPUT ? STANDARD_INPUT : resolve(file);

/** The file to read, `-` for standard input: as asked for on the command line, else `ORIEL_CONFIG`, else `oriel.yaml` here. */
export const configFile = (asked: string | undefined, env: Environment = process.env): string =>
  asked ?? (env.ORIEL_CONFIG || 'oriel.yaml');

/** As `readConfig`, with what is right in it where not all of it is. Never throws. */
export const examineFile = (file: string, scope: Scope, env: Environment = process.env): Examined => {
  const path = placeOfConfig(file);
  const content = path === STANDARD_INPUT ? readStandardInput() : readBytes(path);
  if ('bytes' in content) return examineConfig(content.bytes, path, env, scope);
  const fault = {
    file: path,
    path: '',
    line: null,
    problem: content.problem,
    expected: content.missing
      ? 'a configuration there, or another file named with --config FILE or in ORIEL_CONFIG'
      : 'a readable YAML file of at most 1 MB',
    example: 'oriel serve --config /etc/oriel/oriel.yaml',
  };
  return { faults: [fault], sound: { database: null, keys: [], gadgets: [], hosts: [] } };
};

const read = (file: string, env: Environment, scope: Scope): Config => {
  const examined = examineFile(file, scope, env);
  if ('faults' in examined) throw new ConfigFaults(examined.faults);
  return examined.config;
};

/** Reads and checks a configuration. Throws `ConfigFaults` with every mistake there is, and nothing else. */
export const readConfig = (file: string, env: Environment = process.env): Config => read(file, env, 'alone');

/**
 * As `readConfig`, for callers that open the store next: hosts and providers that the file names and does not declare may be declared there,
 * so they are not looked for yet.
 */
export const readConfigBesideStore = (file: string, env: Environment = process.env): Config =>
  read(file, env, 'beside-store');
