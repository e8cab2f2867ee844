import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface StateFolder {
  readonly path: string;
  /** A secret, made when it is first asked for; in production an administrator would keep it in a secret store. */
  secret(name: string): string;
  file(name: string): string;
  /** Deletes everything, unless it was to be kept. */
  remove(): void;
}

/** What folders of the demo's first version call them. */
const formerly: Readonly<Record<string, string>> = {
  ORIEL_KEY: 'orielKey',
  GOCD_HOST_SECRET: 'hostSecret',
  MINGLE_ID: 'clientId',
  MINGLE_SECRET: 'clientSecret',
};

const make = (name: string): string =>
  name === 'ORIEL_KEY' ? `demo:${randomBytes(32).toString('base64url')}` : randomBytes(32).toString('hex');

const secretsIn = (file: string): StateFolder['secret'] => {
  const known: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return (name) => {
    const secret = known[name] ?? known[formerly[name] ?? ''] ?? make(name);
    if (known[name] === undefined) {
      known[name] = secret;
      writeFileSync(file, JSON.stringify(known), { mode: 0o600 });
    }
    return secret;
  };
};

/** The folder of this run's configuration, database and logs: the one to keep, or one that only this run knows. */
export const openStateFolder = (keep: string | null): StateFolder => {
  const path = keep === null ? mkdtempSync(join(tmpdir(), 'oriel-demo-')) : resolve(keep);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(path, name);
  return {
    path,
    secret: secretsIn(file('secrets.json')),
    file,
    remove: () => {
      if (keep === null) rmSync(path, { recursive: true, force: true });
    },
  };
};
