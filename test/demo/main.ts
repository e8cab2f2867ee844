import { readFileSync, writeFileSync } from 'node:fs';
import { people } from './people.js';
import { announceAsJson, announceMingle, announceToPeople } from './run/announcement.js';
import { type DemoOptions, type Ports, readOptions, usage } from './run/options.js';
import { type Addresses, orielSecrets, orielYaml } from './run/oriel-yaml.js';
import { freePorts } from './run/ports.js';
import { type Processes, pause, processes } from './run/processes.js';
import { openStateFolder, type StateFolder } from './run/state-folder.js';
import { projectPath } from './site/files.js';

const addressesOf = (ports: Ports): Addresses => ({
  gocd: `http://localhost:${ports.gocd}`,
  mingle: `http://localhost:${ports.mingle}`,
  portal: `http://localhost:${ports.portal}`,
  gadgetOrigin: `http://127.0.0.1:${ports.oriel}`,
  siteOrigin: `http://localhost:${ports.oriel}`,
  orielPort: ports.oriel,
});

/** Starts Mingle or GoCD as a process of its own. */
const startApplication =
  (running: Processes, state: StateFolder) =>
  (name: string, url: string, clients: readonly object[], env: Record<string, string>): Promise<void> =>
    running.start({
      name,
      args: [projectPath('dist', 'demo', `${name.toLowerCase()}.js`)],
      log: state.file(`${name.toLowerCase()}.log`),
      env: {
        ...env,
        DEMO_PORT: new URL(url).port,
        DEMO_CLIENTS: JSON.stringify(clients),
        DEMO_STATE: state.file(`${name.toLowerCase()}.json`),
      },
    });

/** Oriel's registrations at one of the two: one for the pages of the other, and one for the portal. */
const clientsAt = (
  provider: 'gocd' | 'mingle',
  { siteOrigin }: Addresses,
  { secret }: StateFolder,
): readonly object[] => {
  const registered = (host: string, name: string): object => ({
    name: `Oriel for ${host}`,
    redirectUri: `${siteOrigin}/connect/callback/${provider}`,
    id: secret(`${name}_ID`),
    secret: secret(`${name}_SECRET`),
  });
  const name = provider.toUpperCase();
  return [
    registered(provider === 'gocd' ? 'Mingle' : 'GoCD', name),
    registered('the portal', `${name}_PORTAL`),
  ];
};

/** Starts the three applications at once, then Oriel, with the secrets that they share in pairs. */
const startAll = async (running: Processes, state: StateFolder, at: Addresses): Promise<void> => {
  const { secret } = state;
  const application = startApplication(running, state);
  const { gadgetOrigin } = at;
  const framing = (name: string) => ({ DEMO_GADGET_ORIGIN: gadgetOrigin, DEMO_HOST_SECRET: secret(name) });
  await Promise.all([
    application('Mingle', at.mingle, clientsAt('mingle', at, state), framing('MINGLE_HOST_SECRET')),
    application('GoCD', at.gocd, clientsAt('gocd', at, state), {
      ...framing('GOCD_HOST_SECRET'),
      DEMO_MINGLE: at.mingle,
    }),
    running.start({
      name: 'The portal',
      args: [projectPath('test', 'demo', 'portal', 'portal.mjs')],
      log: state.file('portal.log'),
      env: {
        PORTAL_PORT: new URL(at.portal).port,
        PORTAL_PEOPLE: JSON.stringify(people),
        GADGET_ORIGIN: gadgetOrigin,
        HOST_SECRET: secret('PORTAL_HOST_SECRET'),
      },
      readyUrl: at.portal,
    }),
  ]);
  const config = state.file('oriel.yaml');
  writeFileSync(config, orielYaml(at), { mode: 0o600 });
  await running.start({
    name: 'Oriel',
    args: [projectPath('dist', 'main.js'), 'serve', '--config', config],
    log: state.file('oriel.log'),
    env: Object.fromEntries(orielSecrets(at).map((name) => [name, secret(name)])),
    readyUrl: `${gadgetOrigin}/readyz`,
  });
};

/** Whether an invitation can still be used: its token travels as the page's own script sends it. */
const isOpen = async (link: string, siteOrigin: string): Promise<boolean> => {
  const body = new URLSearchParams({ token: new URL(link).hash.slice(1) });
  const answer = await fetch(`${siteOrigin}/admin/setup`, {
    method: 'POST',
    headers: { Origin: siteOrigin, 'Sec-Fetch-Site': 'same-origin' },
    body,
  });
  return answer.ok;
};

/** Where the console is: the link that makes its first administrator, as Oriel prints it, or the console of one who is there already. */
const administrationOf = async (state: StateFolder, at: Addresses): Promise<string> => {
  for (let looks = 0; looks < 20; looks += 1) {
    const links = readFileSync(state.file('oriel.log'), 'utf8').match(/http\S+\/admin\/setup#[\w-]+/g);
    // What a kept folder's earlier runs printed is of no use any more.
    const link = links?.at(-1);
    if (link?.startsWith(at.siteOrigin) && (await isOpen(link, at.siteOrigin))) return link;
    await pause(100);
  }
  return `${at.siteOrigin}/admin`;
};

/**
 * Resolves at the first request to stop: a signal, or, under npm, the end of the shell that npm started us from. A second
 * signal does not wait.
 */
const askedToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    let asked = false;
    const ask = (): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    const parent = process.ppid;
    const look = (): void => {
      if (process.ppid !== parent) resolve();
    };
    if (process.env.npm_lifecycle_event) setInterval(look, 500).unref();
  });

const run = async (options: DemoOptions): Promise<number> => {
  const state = openStateFolder(options.keep);
  const running = processes();
  const asked = askedToEnd();
  process.once('exit', () => {
    running.kill();
    state.remove();
  });
  try {
    const at = addressesOf(await freePorts(options.ports));
    const starting = options.mingle
      ? startApplication(running, state)('Mingle', at.mingle, [], {})
      : startAll(running, state, at);
    const started = starting.then(() => true);
    started.catch(() => {});
    if (!(await Promise.race([started, asked.then(() => false)]))) return 0;
    if (options.mingle) console.log(announceMingle(at.mingle, options.json));
    else {
      const administration = await administrationOf(state, at);
      console.log(
        options.json
          ? announceAsJson(at, administration)
          : announceToPeople(at, administration, options.keep && state.path),
      );
    }
    // Ctrl-C reaches the children too: one that ends just then did not end by itself.
    const dead = await Promise.race([asked, running.ended.then(async (end) => pause(500).then(() => end))]);
    if (!dead) return 0;
    console.error(`${dead.name} has ended, so the demo ends too. It said last:\n${dead.lastWords}`);
    return 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await running.stop();
  }
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options) process.exit(await run(options));
  console.log(usage);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 2;
}
