import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../src/domain/secret.js';
import type { SealingKey } from '../src/store/sealing/sealing-key.js';
import { writeEachGadgets } from './each-gadgets.js';

/** Values of `memoryBudget`, MB: one that keeps next to nothing, one that a crowd fills, and one that has room for all of it. */
export const BUDGETS = { little: 16, filled: 80, ample: 512 } as const;

/** A folder with a configuration as in production, and what the bench must know of it. */
export interface Setting {
  readonly folder: string;
  readonly config: string;
  /** Writes the same configuration with these changes, and returns the file's name. */
  changed(changes: Readonly<Record<string, unknown>>): string;
  readonly database: string;
  readonly keys: readonly SealingKey[];
  /** The provider's origin. */
  readonly provider: string;
  readonly port: number;
  readonly floorPort: number;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly secret: string;
  /** A host token for this viewer, signed now. */
  token(sub: string): string;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The warm gadget with another time to live: a cold one asks every time. */
const gadgetLiving = (root: string, folder: string, id: string, ttl: number): void => {
  const target = join(folder, 'gadgets', id);
  mkdirSync(target, { recursive: true });
  cpSync(join(root, 'gadgets', 'mingle-cards'), target, { recursive: true });
  const file = join(target, 'gadget.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/ttl: \d+/g, `ttl: ${ttl}`));
};

/** `elsewhere` names the database, in place of a file of its own. */
export const makeSetting = async (root: string, provider: string, elsewhere?: string): Promise<Setting> => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-bench-'));
  const [port, floorPort] = [await freePort(), await freePort()];
  const secret = randomBytes(32).toString('base64url');
  const gadgetOrigin = `http://127.0.0.1:${port}`;
  const siteOrigin = `http://localhost:${port}`;
  gadgetLiving(root, folder, 'cold-cards', 0);
  gadgetLiving(root, folder, 'crowd-cards', 3600);
  writeEachGadgets(folder);
  cpSync(join(root, 'bench', 'gadgets'), join(folder, 'gadgets'), { recursive: true });
  const database = elsewhere ?? `sqlite:${join(folder, 'oriel.db')}`;
  const key = randomBytes(32).toString('base64url');
  const config = join(folder, 'oriel.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      gadgetOrigin,
      siteOrigin,
      listen: { host: '127.0.0.1', port },
      database,
      keys: [`bench:${key}`],
      gadgets: ['./gadgets'],
      hosts: {
        bench: {
          name: 'Bench',
          origins: ['http://localhost:9'],
          key: { algorithm: 'HS256', secret },
          gadgets: ['mingle-cards', 'cold-cards', 'cold-issues', 'cold-each', 'cold-plain', 'crowd-cards'],
          providers: ['mingle'],
        },
      },
      providers: {
        mingle: {
          preset: 'mingle',
          url: provider,
          client: { id: 'bench', secret: randomBytes(16).toString('hex') },
          allowAddresses: ['127.0.0.0/8'],
        },
      },
    }),
  );
  const settings = JSON.parse(readFileSync(config, 'utf8')) as object;
  let files = 0;
  const changed = (changes: Readonly<Record<string, unknown>>): string => {
    files += 1;
    const file = join(folder, `changed-${files}.yaml`);
    writeFileSync(file, JSON.stringify({ ...settings, ...changes }));
    return file;
  };
  return {
    folder,
    config,
    changed,
    database,
    keys: [{ id: 'bench', key: new Secret(key) }],
    provider,
    port,
    floorPort,
    gadgetOrigin,
    siteOrigin,
    secret,
    token(sub) {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: 'bench', aud: gadgetOrigin, sub, iat: now, exp: now + 120, jti: randomUUID() };
      const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
  };
};
