import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Made once per folder; in production an administrator would keep them in a secret store. */
export interface DemoSecrets {
  readonly orielKey: string;
  readonly hostSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface StateFolder {
  readonly path: string;
  readonly secrets: DemoSecrets;
  file(name: string): string;
  /** Deletes everything, unless it was to be kept. */
  remove(): void;
}

const hex = (): string => randomBytes(32).toString('hex');

const secretsIn = (file: string): DemoSecrets => {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const secrets: DemoSecrets = {
    orielKey: `demo:${randomBytes(32).toString('base64url')}`,
    hostSecret: hex(),
    clientId: hex(),
    clientSecret: hex(),
  };
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
};

/** The folder of this run's configuration, database and logs: the one to keep, or one that only this run knows. */
export const openStateFolder = (keep: string | null): StateFolder => {
  const path = keep === null ? mkdtempSync(join(tmpdir(), 'oriel-demo-')) : resolve(keep);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(path, name);
  return {
    path,
    secrets: secretsIn(file('secrets.json')),
    file,
    remove: () => {
      if (keep === null) rmSync(path, { recursive: true, force: true });
    },
  };
};
