import { randomBytes } from 'node:crypto';
import { freePort, openFolder, type Started, start } from '../cli/command-line.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import { type Forwarder, startForwarder } from './forwarder.js';
import { HOST_SECRET, signHostToken } from './host-token.js';

export interface Whole {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  /** All that browsers and Oriel said to each other. */
  readonly oriel: Forwarder;
  /** All that browsers, Oriel and Mingle said to each other. */
  readonly mingle: Forwarder;
  /** Where each of Oriel's processes listens. */
  readonly ports: readonly number[];
  /** What only configuration knows. */
  readonly secrets: Readonly<Record<'client' | 'host' | 'key', string>>;
  /** The folder that holds configuration and database. */
  readonly folder: string;
  /** A host token for this person and gadget. */
  token(sub: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Commands to Mingle (faults, expiry …); answers what it was asked so far. */
  tell(command: object): Promise<Asked>;
  /** Kills one of Oriel's processes (SIGKILL), and resolves when it is gone. */
  kill(index: number): Promise<void>;
  /** Ends one in good order (SIGTERM), and resolves when it is gone. */
  end(index: number): Promise<void>;
  /** Starts one that is gone again, on its port. */
  restart(index: number): Promise<void>;
  /** Ends all of Oriel's processes and returns what they printed. */
  stop(): Promise<string>;
  close(): Promise<void>;
}

export interface Asked {
  readonly tokenRequests: number;
  readonly requests: Readonly<Record<string, number>>;
}

const CONTROL = randomBytes(16).toString('hex');

/** Oriel's processes on one database behind a proxy that takes them in turn, and Mingle behind another. */
export const startWhole = async (
  options: {
    readonly processes?: number;
    /** In place of the file. */
    readonly database?: string;
    readonly hostOrigins?: readonly string[];
    /** Laid over the configuration, and over that of its provider. */
    readonly config?: Readonly<Record<string, unknown>>;
    readonly provider?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<Whole> => {
  const [oriel, mingle] = await Promise.all([startForwarder(), startForwarder()]);
  const gadgetOrigin = `http://127.0.0.1:${oriel.port}`;
  const siteOrigin = `http://localhost:${oriel.port}`;
  const mingleUrl = `http://localhost:${mingle.port}`;
  const client = { id: randomBytes(16).toString('hex'), secret: randomBytes(32).toString('hex') };
  const key = randomBytes(32).toString('base64url');
  const folder = openFolder();

  const minglePort = await freePort();
  mingle.to(minglePort);
  const redirectUri = `${siteOrigin}/connect/callback/mingle`;
  const application = await startMingle({
    port: minglePort,
    url: mingleUrl,
    clients: [{ name: 'Oriel', redirectUri, ...client }],
    controlSecret: CONTROL,
  });

  const configuration = (port: number) => ({
    gadgetOrigin,
    siteOrigin,
    listen: { host: '127.0.0.1', port },
    database: options.database ?? 'sqlite:./oriel.db',
    keys: [`k:${key}`],
    logLevel: 'trace',
    hosts: {
      gocd: {
        name: 'GoCD',
        origins: options.hostOrigins ?? ['http://localhost:8153'],
        key: { algorithm: 'HS256', secret: HOST_SECRET },
        gadgets: ['mingle-card-activity', 'mingle-cards'],
        providers: ['mingle'],
      },
    },
    providers: {
      mingle: {
        preset: 'mingle',
        name: 'Mingle',
        url: mingleUrl,
        client,
        allowAddresses: ['127.0.0.0/8', '::1/128'],
        ...options.provider,
      },
    },
    ...options.config,
  });

  const ports: number[] = [];
  const processes: Started[] = [];
  const serve = async (index: number): Promise<void> => {
    const process = start(['serve', '--config', `oriel-${index}.yaml`], { cwd: folder.path });
    await process.saying('"ready"');
    processes[index] = process;
  };
  for (let index = 0; index < (options.processes ?? 1); index += 1) {
    const port = await freePort();
    folder.write(`oriel-${index}.yaml`, configuration(port));
    await serve(index);
    ports.push(port);
  }
  oriel.to(...ports);

  const signal = async (index: number, name: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    processes[index]?.child.kill(name);
    await processes[index]?.ended;
  };
  const stop = async (): Promise<string> => {
    for (const { child } of processes) child.kill('SIGTERM');
    const ends = await Promise.all(processes.map(({ ended }) => ended));
    return ends.map(({ out, err }) => out + err).join('');
  };
  return {
    gadgetOrigin,
    siteOrigin,
    oriel,
    mingle,
    ports,
    secrets: { client: client.secret, host: HOST_SECRET, key },
    folder: folder.path,
    token: (sub, claims = {}) => signHostToken({ aud: gadgetOrigin, sub, name: sub, ...claims }),
    async tell(command) {
      const body = JSON.stringify(command);
      const answer = await fetch(`http://localhost:${minglePort}/__control`, {
        method: 'POST',
        headers: { 'x-control': CONTROL },
        body,
      });
      if (!answer.ok) throw new Error(`${body}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Asked;
    },
    kill: (index) => signal(index, 'SIGKILL'),
    end: (index) => signal(index, 'SIGTERM'),
    restart: serve,
    stop,
    async close() {
      await stop();
      await Promise.all([oriel.close(), mingle.close(), application.close()]);
      folder.remove();
    },
  };
};

/** The form of a launch of `mingle-cards`: two cards of a project that ann may see and bob may not. */
export const cardsForm = (token: string, more: Readonly<Record<string, string>> = {}) => ({
  token,
  'p.project': 'apollo',
  ...more,
});
