import { acceptInvitation, inviteFirstAdministrator } from '../../../src/admin/people/use-cases.js';
import { createRecord, getRecord } from '../../../src/admin/records/use-cases.js';
import { readConfig } from '../../../src/config/read-config.js';
import { Secret } from '../../../src/domain/secret.js';
import { withCommandContext } from '../../../src/server/command-context.js';
import { openLog } from '../../../src/server/log.js';
import { Server } from '../../../src/server.js';
import { freePort, KEY, openFolder } from '../../cli/command-line.js';
import { tlsServer } from '../../net/tls-server.js';
import type { Issued } from '../../support/self-signed.js';
import { PASSWORD } from '../console-app.js';

export const CLIENT_SECRET = 'canary-client-secret-0123456789';

/**
 * The whole product with the administrator ann, and a server with an untrusted certificate: it is the provider `declared` of the
 * file and `tracker` of the console.
 */
export const setUpProvider = async (issued: Issued, chain = '') => {
  const server = await tlsServer(issued, '{}', chain);
  const port = await freePort();
  const siteOrigin = `http://localhost:${port}`;
  const folder = openFolder();
  const entry = (id: string) => ({
    preset: 'mingle',
    url: server.origin,
    client: { id, secret: CLIENT_SECRET },
    allowAddresses: ['127.0.0.0/8', '::1/128'],
  });
  const file = folder.write('oriel.yaml', {
    gadgetOrigin: `http://127.0.0.1:${port}`,
    siteOrigin,
    listen: { host: '127.0.0.1', port },
    keys: [KEY],
    providers: { declared: entry('declared') },
  });
  await folder.makeDatabase();
  const inStore = <T>(work: Parameters<typeof withCommandContext<T>>[2]): Promise<T> =>
    withCommandContext(file, '.', work);
  await inStore(async ({ deps, by }) => {
    const { link } = (await inviteFirstAdministrator(deps)) ?? { link: new Secret('') };
    const invitation = new Secret(new URL(link.reveal()).hash.slice(1));
    await acceptInvitation(deps, invitation, 'ann', new Secret(PASSWORD));
    await createRecord(deps, 'provider', 'tracker', entry('oriel'), by);
  });
  const log = openLog('silent', { write: () => undefined });
  const running = await Server.create(readConfig(file, {}), { root: '.', log });
  await running.listen();
  return {
    siteOrigin,
    server,
    inStore,
    recordOf: (id: string) => inStore(({ deps }) => getRecord(deps, 'provider', id)),
    async close() {
      await running.drain();
      await server.close();
      folder.remove();
    },
  };
};
