import { resolve } from 'node:path';
import type { Config } from './config.js';
import { ConfigFaults } from './faults.js';
import { readBytes } from './files.js';
import type { Environment } from './interpolate.js';
import { parseConfig } from './parse-config.js';

/** The file to read: as asked for on the command line, else `ORIEL_CONFIG`, else `oriel.yaml` here. */
export const configFile = (asked: string | undefined, env: Environment = process.env): string =>
  asked ?? (env.ORIEL_CONFIG || 'oriel.yaml');

/** Reads and checks a configuration. Throws `ConfigFaults` with every mistake there is, and nothing else. */
export const readConfig = (file: string, env: Environment = process.env): Config => {
  const path = resolve(file);
  const read = readBytes(path);
  if ('bytes' in read) return parseConfig(read.bytes, path, env);
  throw new ConfigFaults([
    {
      file: path,
      path: '',
      line: null,
      problem: read.problem,
      expected: read.missing
        ? 'a configuration there, or another file named with --config FILE or in ORIEL_CONFIG'
        : 'a readable YAML file of at most 1 MB',
      example: 'oriel serve --config /etc/oriel/oriel.yaml',
    },
  ]);
};
