import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { configOf, sample } from '../config/sample.js';
import { providerAt } from '../upstream/setting.js';
import { everyOutgoingCall } from './outgoing-calls.js';

let arrived = 0;
const server = createServer((_, response) => {
  arrived += 1;
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).on('connection', () => {
  arrived += 1;
});
let config: Config;
let calls: ReturnType<typeof everyOutgoingCall>;

const bound = (allow: readonly string[], origin: string): Config =>
  configOf({
    ...sample(),
    outgoing: { allow },
    admin: {
      oidc: { issuer: origin, client: { id: 'a', secret: 'b' }, allow: { subjects: ['ann'] } },
    },
  });

const origin = (name = '127.0.0.1'): string => `http://${name}:${(server.address() as AddressInfo).port}`;

describe.each(['127.0.0.1', 'localhost'])('The bound of what is called, for what lives at %s,', (name) => {
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, 'localhost', done));
    const at = origin(name);
    config = bound(['127.0.0.0/8', '::1/128'], at);
    const provider = providerAt(at, {
      tokenEndpoint: `${at}/token`,
      revocation: { kind: 'rfc7009', endpoint: `${at}/revoke` },
      api: `${at}/api`,
      // More than the bound lets it have: so records may stand in the store from before it was drawn.
      allowAddresses: ['0.0.0.0/0', '::/0'],
    });
    calls = everyOutgoingCall(() => config, provider);
  });
  afterAll(async () => {
    await calls.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it('applies to every kind of call, immediately after a change', async () => {
    const within = config;
    for (const call of calls.names) {
      config = within;
      const before = arrived;
      await calls.call(call);
      expect(arrived, `${call} within`).toBeGreaterThan(before);
      config = bound(['10.0.0.0/8'], origin(name));
      const reached = arrived;
      const outcome = await calls.call(call);
      expect(arrived, `${call} outside: ${outcome}`).toBe(reached);
    }
    config = within;
  });
});
