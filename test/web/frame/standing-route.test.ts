import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectOwnConnection } from '../../../src/connect/ending/disconnect.js';
import type { Connection } from '../../../src/domain/connection.js';
import { mingle } from '../../connect/connect-setup.js';
import { connectIn } from '../../support/connect-in.js';
import {
  exampleGadget,
  exampleHost,
  fragment,
  type GadgetServer,
  startGadgetServer,
} from '../../support/gadget-server.js';
import { launcher } from './launching.js';

const HOST = { ...exampleHost(['http://localhost:8153']), providers: ['mingle', 'jira'] };

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer({
    hosts: [HOST],
    gadgets: [{ ...exampleGadget, providers: ['mingle', 'jira'] }],
    providers: [mingle, { ...mingle, id: 'jira' }],
  });
  page = launcher(server);
});
afterEach(() => server.close());

const look = async (bearer: string, standing: string) => {
  const headers = { 'if-none-match': `"${standing}"` };
  const { status, text, headers: got } = await page.api(bearer, '/frame/standing', { headers });
  return { status, ended: text === '' ? null : JSON.parse(text).ended, etag: got.etag };
};
const disconnect = (connection: Connection) =>
  disconnectOwnConnection(server.ports, connection.viewer, connection.id);

describe('a frame’s look', () => {
  it('is a 304 as long as nothing changed, and renders nothing', async () => {
    await connectIn(server, 'ann');
    const { bearer, standing } = await page.opened({ sub: 'ann' });
    const asked = server.asked.length;
    const answer = await page.api(bearer, '/frame/standing', {
      headers: { 'if-none-match': `"${standing}"` },
    });
    expect([answer.status, answer.text]).toEqual([304, '']);
    expect(answer.headers).toMatchObject({ 'cache-control': 'private, no-store', etag: `"${standing}"` });
    expect(server.asked).toHaveLength(asked);
  });

  it('says that a Connection has ended, and that another was made', async () => {
    const connection = await connectIn(server, 'ann');
    const { bearer, standing } = await page.opened({ sub: 'ann' });
    await disconnect(connection);
    const ended = await look(bearer, standing);
    expect(ended).toMatchObject({ status: 200, ended: true });
    await connectIn(server, 'ann');
    const made = await look(bearer, String(ended.etag).slice(1, -1));
    expect(made).toMatchObject({ status: 200, ended: false });
    expect(await look(bearer, standing)).toMatchObject({ status: 200, ended: true });
  });

  it('returns another standing for every generation, and for every viewer', async () => {
    await connectIn(server, 'ann');
    await connectIn(server, 'bob');
    const [ann, bob] = [await page.opened({ sub: 'ann' }), await page.opened({ sub: 'bob' })];
    expect(await look(bob.bearer, ann.standing)).toMatchObject({ status: 200, ended: true });
    await connectIn(server, 'ann');
    expect(await look(ann.bearer, ann.standing)).toMatchObject({ status: 200, ended: true });
  });

  it('says that it has ended when the host loses the provider, and is refused when it loses the gadget', async () => {
    await connectIn(server, 'ann');
    const { bearer, standing } = await page.opened({ sub: 'ann' });
    const bindings = { example: { gadget: 'example', providers: { mingle: 'jira' } } };
    await server.change({ hosts: [{ ...HOST, bindings, providers: ['jira'] }] });
    expect(await look(bearer, standing)).toMatchObject({ status: 200, ended: true });
    await server.change({ hosts: [] });
    expect((await page.api(bearer, '/frame/standing')).status).toBe(404);
  });

  it('belongs to the content: a change after its fetch is seen at the next check', async () => {
    const connection = await connectIn(server, 'ann');
    const { bearer } = await page.opened({ sub: 'ann' });
    const content = await page.api(bearer, '/frame/content');
    const standing = String(content.headers['x-oriel-standing']);
    expect(await look(bearer, standing)).toMatchObject({ status: 304 });
    await disconnect(connection);
    expect(await look(bearer, standing)).toMatchObject({ status: 200, ended: true });
  });

  it('sees what ended while the content was made that the frame then got', async () => {
    const connection = await connectIn(server, 'ann');
    const { bearer } = await page.opened({ sub: 'ann' });
    server.render(async () => {
      await disconnect(connection);
      return fragment('<p>made before the end</p>');
    });
    const { headers } = await page.api(bearer, '/frame/content');
    expect(await look(bearer, String(headers['x-oriel-standing']))).toMatchObject({
      status: 200,
      ended: true,
    });
  });

  it('keeps neither a session nor a Connection alive, and its line is for level debug', async () => {
    const connection = await connectIn(server, 'ann');
    const { bearer, standing } = await page.opened({ sub: 'ann' });
    const before = await server.ports.stores.connections.byId(connection.id);
    for (let minute = 0; minute < 15; minute += 1) {
      server.clock.pass(59_000);
      expect(await look(bearer, standing)).toMatchObject({ status: 304 });
    }
    server.clock.pass(20_000);
    expect(await look(bearer, standing)).toMatchObject({ status: 401 });
    expect(await server.ports.stores.connections.byId(connection.id)).toEqual(before);
    const lines = server.lines.filter(({ route }) => route === '/frame/standing');
    expect(lines.map(({ status, level }) => `${status} ${level}`)).toEqual([
      ...Array.from({ length: 15 }, () => '304 debug'),
      '401 info',
    ]);
  });

  it('needs the bearer token of a live session, from our own page', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    expect((await page.api(null, '/frame/standing')).status).toBe(401);
    expect((await page.api('A'.repeat(43), '/frame/standing')).status).toBe(401);
    const elsewhere = await page.api(bearer, '/frame/standing', { headers: { origin: server.siteOrigin } });
    expect(elsewhere.status).toBe(403);
  });
});
