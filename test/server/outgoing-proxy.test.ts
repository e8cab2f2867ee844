import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { configOf, sample } from '../config/sample.js';
import { type TlsServer, tlsServer } from '../net/tls-server.js';
import { type ProxyServer, proxyServer } from '../support/proxy-server.js';
import { selfSigned } from '../support/self-signed.js';
import { providerAt } from '../upstream/setting.js';
import { everyOutgoingCall } from './outgoing-calls.js';

/** A name that only the proxy knows. */
const NAME = 'wiki.invalid';
const at = `https://${NAME}`;
const own = selfSigned(NAME);
const OIDC = { issuer: at, client: { id: 'a', secret: 'b' }, allow: { subjects: ['ann'] } };
/** These believe the system's authorities alone, and ours is none: they get as far as its certificate. */
const UNTRUSTING = new Set(['a host’s keys', 'administrators’ sign-in']);

let target: TlsServer;
let proxy: ProxyServer;
let config: Config;
let calls: ReturnType<typeof everyOutgoingCall>;

const through = (url: string, except: readonly string[] = [], more: object = {}): Config =>
  configOf({ ...sample(), admin: { oidc: OIDC }, outgoingProxy: { url, except }, ...more });

const provider = providerAt(at, {
  tokenEndpoint: `${at}/token`,
  revocation: { kind: 'rfc7009', endpoint: `${at}/revoke` },
  api: `${at}/api`,
  allowAddresses: [],
  certificates: [own.cert],
});

beforeAll(async () => {
  target = await tlsServer(own);
  proxy = await proxyServer(() => Number(new URL(target.origin).port));
});
afterAll(async () => {
  await proxy.close();
  await target.close();
});
beforeEach(() => {
  proxy.refuse(null);
  proxy.asked.length = 0;
  proxy.authorizations.length = 0;
  config = through(proxy.origin.replace('://', '://ann:canary%20word@'));
  calls = everyOutgoingCall(() => config, provider);
});
afterEach(() => calls.close());

describe('Through a proxy', () => {
  it('passes every outgoing call, with TLS from end to end', async () => {
    for (const name of calls.names) {
      proxy.asked.length = 0;
      const before = target.requests.length;
      const outcome = await calls.call(name);
      expect(new Set(proxy.asked), `${name}: ${outcome}`).toEqual(new Set([`${NAME}:443`]));
      if (name !== 'the dry run’s channel' && !UNTRUSTING.has(name))
        expect(target.requests.length, `${name}: ${outcome}`).toBeGreaterThan(before);
    }
    const basic = `Basic ${Buffer.from('ann:canary word').toString('base64')}`;
    expect(new Set(proxy.authorizations)).toEqual(new Set([basic]));
    expect(await calls.call('the dry run’s channel')).toContain('"trusted"');
  });

  it('a server that its record does not trust is refused', async () => {
    const strangers = everyOutgoingCall(() => config, { ...provider, certificates: [] });
    const before = target.requests.length;
    expect(await strangers.call('the API')).toContain('certificate');
    expect(await strangers.call('redeem')).toContain('certificate');
    expect(await strangers.call('the dry run’s channel')).toContain('"untrusted"');
    expect(target.requests).toHaveLength(before);
    await strangers.close();
  });

  it.each([[NAME], ['.invalid'], ['*'], [`${NAME}:443`]])(
    'passes nothing that is excepted: %s',
    async (except) => {
      config = through(proxy.origin, [except]);
      for (const name of calls.names) await calls.call(name);
      expect(proxy.asked).toEqual([]);
    },
  );

  it.each([
    'https://10.1.2.3',
    'https://169.254.169.254',
    'https://metadata.google.internal',
    'https://localhost',
  ])('no one is asked for %s, which no record allows', async (internal) => {
    config = through(proxy.origin, [], { admin: { oidc: { ...OIDC, issuer: internal } } });
    const inside = everyOutgoingCall(() => config, {
      ...provider,
      tokenEndpoint: `${internal}/token`,
      revocation: { kind: 'rfc7009', endpoint: `${internal}/revoke` },
      api: `${internal}/api`,
    });
    const trusted = new Set(internal === 'https://10.1.2.3' ? ['administrators’ sign-in'] : []);
    for (const name of inside.names) if (!trusted.has(name)) await inside.call(name);
    expect(proxy.asked).toEqual([]);
    await inside.close();
  });

  it('each Connection has a socket of its own, and keeps it', async () => {
    await calls.call('the API');
    await calls.call('the API');
    expect(proxy.asked).toHaveLength(1);
    await calls.call('the API of another');
    expect(proxy.asked).toHaveLength(2);
  });

  it('passes nothing once the settings say so, not even over open connections', async () => {
    await calls.call('the API');
    const { length } = target.requests;
    config = configOf({ ...sample(), admin: { oidc: OIDC }, outgoingProxy: 'none' });
    await calls.call('the API');
    expect(target.requests).toHaveLength(length);
    expect(proxy.asked).toHaveLength(1);
  });

  it.each([407, 403, 503])('that answers %s, every call reports it', async (status) => {
    proxy.refuse(status);
    for (const name of calls.names) {
      const outcome = await calls.call(name);
      if (name === 'revoke') continue;
      expect(outcome, name).toContain(`proxy-refused-${status}`);
      expect(outcome, name).not.toContain('canary');
      if (/channel|page|form/.test(name)) expect(outcome, name).toContain('"reason":"proxy"');
    }
  });

  it('that cannot be reached, every call reports it', async () => {
    const gone = await proxyServer(() => 0);
    await gone.close();
    config = through(gone.origin);
    for (const name of calls.names)
      if (name !== 'revoke') expect(await calls.call(name), name).toContain('proxy-unreachable');
  });

  it('with an untrusted certificate, or without TLS, every call reports it', async () => {
    const strange = await proxyServer(() => 0, selfSigned('127.0.0.1'));
    config = through(strange.origin);
    expect(await calls.call('the API')).toContain('proxy-certificate');
    expect(await calls.call('redeem')).toContain('proxy-certificate');
    config = through(proxy.origin.replace('http:', 'https:'));
    expect(await calls.call('the API')).toContain('proxy-unusable');
    config = through(target.origin.replace('https:', 'http:'));
    expect(await calls.call('the API')).toMatch(/proxy-(unusable|unreachable|refused-400)/);
    await strange.close();
  });
});
