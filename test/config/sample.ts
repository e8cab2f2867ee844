import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.js';
import { ConfigFaults } from '../../src/config/config-faults.js';
import type { Environment } from '../../src/config/interpolate.js';
import { parseConfig, type Scope } from '../../src/config/read-config.js';
import type { Fault } from '../../src/domain/fault.js';

export const RING_KEY = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

export const environment: Environment = {
  ORIEL_KEY: RING_KEY,
  GOCD_HOST_SECRET: 'a-secret-of-the-host-that-is-long-enough',
  MINGLE_SECRET: 'mingle-client-secret',
};

/** A configuration with nothing wrong in it, as plain data to be changed by a test. */
export const sample = () => ({
  gadgetOrigin: 'https://gadgets.example.com',
  siteOrigin: 'https://oriel.example.com',
  keys: [`\${ORIEL_KEY}`],
  hosts: {
    gocd: {
      name: 'GoCD',
      origins: ['https://gocd.example.com'],
      key: { algorithm: 'HS256', secret: `\${GOCD_HOST_SECRET}` },
      gadgets: ['mingle-cards'],
      providers: ['mingle'],
    },
  },
  providers: {
    mingle: {
      preset: 'mingle',
      name: 'Mingle',
      url: 'https://mingle.example.com',
      client: { id: 'oriel', secret: `\${MINGLE_SECRET}` },
    },
  },
});

export const FILE = resolve('oriel.yaml');

/** Plain data as an administrator would write it: everything in full. */
const written = (data: unknown): string => stringify(data, { aliasDuplicateObjects: false });

export const parse = (text: string, env: Environment = environment, scope: Scope = 'alone'): Config =>
  parseConfig(Buffer.from(text), FILE, env, scope);

/** Parses `data` as the YAML file would be; other than with `parse`, nothing of YAML itself is tried. */
export const configOf = (data: unknown, env: Environment = environment, scope: Scope = 'alone'): Config =>
  parse(written(data), env, scope);

/** The faults of a configuration; none where it is right. */
export const faultsOf = (data: unknown, env: Environment = environment): readonly Fault[] =>
  faultsOfText(typeof data === 'string' ? data : written(data), env);

const faultsOfText = (text: string, env: Environment): readonly Fault[] => {
  try {
    parse(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigFaults) return error.faults;
    throw error;
  }
};

/** Every fault as `path: problem`, to compare. */
export const linesOf = (data: unknown, env: Environment = environment): readonly string[] =>
  faultsOf(data, env).map((fault) => `${fault.path}: ${fault.problem}`);

export const publicPem = (
  kind: 'ec' | 'ed25519' | 'rsa',
): { readonly pem: string; readonly secretPem: string } => {
  const pair =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  return {
    pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    secretPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
