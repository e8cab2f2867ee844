import { resolve } from 'node:path';
import { readBytes } from './bounded-files.js';
import type { Config } from './config.js';
import { ConfigFaults } from './config-faults.js';
import type { Environment } from './interpolate.js';
import { type Examined, examineConfig, type Scope } from './parse-config.js';

/** The file to read: as asked for on the command line, else `ORIEL_CONFIG`, else `oriel.yaml` here. */
export const configFile = (asked: string | undefined, env: Environment = process.env): string =>
  asked ?? (env.ORIEL_CONFIG || 'oriel.yaml');

/** As `readConfig`, with what is right in it where not all of it is. Never throws. */
export const examineFile = (file: string, scope: Scope, env: Environment = process.env): Examined => {
  const path = resolve(file);
  const content = readBytes(path);
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
 * As `readConfig`, for whoever opens the store next: hosts and providers that the file names and does not declare may be declared there,
 * so they are not looked for yet.
 */
export const readConfigBesideStore = (file: string, env: Environment = process.env): Config =>
  read(file, env, 'beside-store');
