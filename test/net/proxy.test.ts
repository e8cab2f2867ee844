import { describe, expect, it } from 'vitest';
import { isInternalName, isProxied } from '../../src/net/proxy.js';

describe('What goes through the proxy', () => {
  it.each([
    ['https://wiki.example.com', '', true],
    ['https://wiki.example.com', 'example.com', false],
    ['https://wiki.example.com', '.example.com', false],
    ['https://wiki.example.com', '*.example.com', false],
    ['https://example.com', '.example.com', false],
    ['https://example.com', 'example.com', false],
    ['https://example.com.', 'example.com', false],
    ['https://EXAMPLE.com', 'Example.COM.', false],
    ['https://myexample.com', 'example.com', true],
    ['https://example.com.evil.net', 'example.com', true],
    ['https://wiki.example.com', 'wiki', true],
    ['https://wiki', 'wiki', false],
    ['https://wiki.example.com', '*', false],
    ['https://wiki.example.com', 'com', false],
    ['https://wiki.example.com', '.', true],
    ['https://wiki.example.com:8443', 'example.com:8443', false],
    ['https://wiki.example.com', 'example.com:8443', true],
    ['https://wiki.example.com', 'example.com:443', false],
    ['https://bücher.example', 'bücher.example', false],
    ['https://10.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.1.2.3', false],
    ['https://10.1.2.3:8443', '10.1.2.3:8443', false],
    ['https://10.1.2.3', '10.1.2.3:8443', true],
    ['https://11.1.2.3', '10.0.0.0/8', true],
    ['https://110.1.2.3', '10.1.2.3', true],
    ['https://[2001:db8::1]', '2001:db8::/32', false],
    ['https://[2001:db8::1]', '[2001:db8::1]', false],
    ['https://[2001:db8::1]', '[2001:db8:0::1]:443', false],
    ['https://[2001:db8::1]', '[2001:db8::1]:8443', true],
    ['https://10.example.com', '10.0.0.0/8', true],
    ['https://localhost', '', false],
    ['https://wiki.localhost', '', false],
    ['https://127.0.0.1', '', false],
    ['https://[::1]', '', false],
    ['https://[::ffff:127.0.0.1]', '', false],
    ['http://wiki.example.com', '', false],
  ])('%s with “%s”: %s', (url, except, expected) => {
    expect(isProxied({ except: except === '' ? [] : [except] }, new URL(url))).toBe(expected);
  });

  it('is never a name of clouds’ metadata or of the proxy’s own machine', () => {
    for (const name of ['metadata.google.internal', 'metadata', 'localhost.localdomain', 'ip6-localhost.'])
      expect(isInternalName(name), name).toBe(true);
    expect(isInternalName('metadata.example.com')).toBe(false);
  });
});
