import { describe, expect, it } from 'vitest';
import { summary } from '../../src/cli/check.js';
import { proxyText } from '../../src/net/proxy.js';
import { restartFor, settingChanges } from '../../src/server/reload-file.js';
import { configOf, environment, faultsOf, sample } from './sample.js';

const PASSWORD = 'canary p%ss';
const written = `http://ann:${encodeURIComponent(PASSWORD)}@proxy.example.com:3128`;
const basic = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`;
const proxyOf = (outgoingProxy: unknown, env: Readonly<Record<string, string>> = {}) =>
  configOf({ ...sample(), ...(outgoingProxy !== undefined && { outgoingProxy }) }, { ...environment, ...env })
    .outgoingProxy;
const shown = (...given: Parameters<typeof proxyOf>) => {
  const proxy = proxyOf(...given);
  return proxy && proxyText(proxy);
};

describe('The proxy for what is called', () => {
  it.each([
    [undefined, {}, null],
    [undefined, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1 (HTTPS_PROXY)'],
    [undefined, { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://p:1' }, 'http://small:1 (https_proxy)'],
    [undefined, { https_proxy: '', HTTPS_PROXY: 'p:3128' }, 'http://p:3128 (HTTPS_PROXY)'],
    [undefined, { HTTP_PROXY: 'http://p:1' }, null],
    [
      undefined,
      { HTTPS_PROXY: 'https://p', NO_PROXY: 'a, .b  c' },
      'https://p (HTTPS_PROXY), except a, .b, c',
    ],
    ['none', { HTTPS_PROXY: 'http://p:1' }, null],
    [false, { HTTPS_PROXY: 'http://p:1' }, null],
    [false, { HTTPS_PROXY: 'socks5://p:1' }, null],
    ['http://own:2', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a' }, 'http://own:2 (outgoingProxy)'],
    [
      { url: 'http://own:2', except: ['.b', '10.0.0.0/8'] },
      {},
      'http://own:2 (outgoingProxy), except .b, 10.0.0.0/8',
    ],
  ])('is, of %j and %j, %s', (entry, env, expected) => {
    expect(shown(entry, env)).toBe(expected);
  });

  it.each([
    [written, {}],
    [undefined, { HTTPS_PROXY: written }],
    [{ url: written }, {}],
  ])('keeps its user and password to itself: %#', (entry, env) => {
    const proxy = proxyOf(entry, env);
    expect(proxy?.authorization?.reveal()).toBe(basic);
    const config = configOf({ ...sample(), outgoingProxy: written });
    const all = [summary(config), JSON.stringify(config), JSON.stringify(proxy), shown(entry, env)].join();
    expect(all).not.toMatch(/canary|ann:|p%25ss/);
    expect(all).not.toContain(basic.slice(6));
    expect(summary(config)).toContain('http://********@proxy.example.com:3128 (outgoingProxy)');
  });

  it.each([
    ['socks5://ann:canary@p', {}],
    ['http://ann:canary@p/path', {}],
    ['ann:canary', {}],
    [{ url: 'http://ann:canary@p?x=1' }, {}],
    [true, {}],
    [undefined, { HTTPS_PROXY: 'socks5://ann:canary@p' }],
    [undefined, { https_proxy: 'http://ann:canary@p/path' }],
    [undefined, { HTTPS_PROXY: 'http://ann:canary@:99999' }],
  ])('that cannot be used is a fault, which does not quote it: %j %j', (outgoingProxy, env) => {
    const data = { ...sample(), ...(outgoingProxy !== undefined && { outgoingProxy }) };
    const faults = faultsOf(data, { ...environment, ...env });
    expect(faults).toHaveLength(1);
    expect(faults[0]?.path).toMatch(/^outgoingProxy/);
    expect(JSON.stringify(faults)).not.toContain('canary');
  });

  it('is picked up by a reload, and shown without its password', () => {
    const before = configOf(sample());
    const after = configOf({ ...sample(), outgoingProxy: written });
    expect(restartFor(before, after)).toEqual([]);
    expect(settingChanges(before, after)).toEqual([
      {
        path: 'outgoingProxy',
        before: 'none',
        after: 'http://********@proxy.example.com:3128 (outgoingProxy)',
      },
    ]);
  });
});
