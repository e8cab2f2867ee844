import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { HostileClient } from '../chaos/hostile-client.js';
import { createTestServer } from '../support/test-server.js';

vi.setConfig({ testTimeout: 30_000 });

it('A server that finishes what is in progress says on kept connections that it is stopping, and closes them', async () => {
  const { server, port, siteOrigin } = await createTestServer({}, { bundled: false });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (path: string) => {
    const asked = request({ host: '127.0.0.1', port, agent, path }).end();
    const [answer] = await once(asked, 'response');
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += part;
    const { connection, 'retry-after': retryAfter } = answer.headers;
    const isKept = asked.reusedSocket;
    return { status: answer.statusCode, body: JSON.parse(text), connection, retryAfter, isKept };
  };
  expect(await ask('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });

  const body = '{"ticket":"none"}';
  const inProgress = new HostileClient(port);
  const head = `POST /connect/open HTTP/1.1\r\nHost: ${new URL(siteOrigin).host}\r\nOrigin: ${siteOrigin}\r\n`;
  const rest = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`;
  inProgress.send(head + rest);
  await expect.poll(() => inProgress.received).toContain('100 Continue');
  const drained = server.drain();

  expect(await ask('/readyz')).toMatchObject({
    ...{ status: 503, retryAfter: '10', connection: 'close', isKept: true },
    body: { status: 'not ready', code: 'stopping', version: expect.any(String) },
  });
  inProgress.send(body);
  await inProgress.closed;
  expect(inProgress.received).toMatch(/\r\n\r\nHTTP\/1\.1 4\d\d /);
  await drained;
});
