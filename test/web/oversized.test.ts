import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GadgetServer, startGadgetServer } from '../support/gadget-server.js';

let server: GadgetServer;
beforeAll(async () => {
  server = await startGadgetServer();
});
afterAll(() => server.close());

/** Sends this text and returns the first line that comes back. */
const firstLine = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.gadgetOrigin);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data).split('\r\n')[0] ?? '');
    });
  });

it('a body that grows too large without announcing it is refused like any other, without a bug in the log', async () => {
  const { host } = new URL(server.gadgetOrigin);
  const chunk = `8000\r\n${'a'.repeat(0x8000)}\r\n`;
  const head = [
    'POST /h/gocd/g/example HTTP/1.1',
    `Host: ${host}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Transfer-Encoding: chunked',
  ];
  expect(await firstLine(`${head.join('\r\n')}\r\n\r\n${chunk.repeat(2)}`)).toContain(' 413 ');
  expect(server.lines.at(-1)).toMatchObject({ status: 413, code: 'body_too_large', client: '127.0.0.1' });
});
