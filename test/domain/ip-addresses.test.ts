import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCallable, isProtected, literalAddress, parseRange } from '../../src/domain/ip-addresses.js';

const everything = ['0.0.0.0/0', '::/0'];

describe('which addresses may be called', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '169.253.0.1',
    '2606:4700::1111',
    '2a00:1450:4001:80e::200e',
    '::ffff:8.8.8.8',
  ])('calls the public address %s', (address) => expect(isCallable(address, [])).toBe(true));

  it.each([
    ['this network', '0.0.0.0'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['unspecified', '::'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared', '100.64.0.1'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['unique local', 'fd12:3456::1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.9'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['benchmark', '198.18.0.1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hex', '::ffff:7f00:1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64 of a public address', '64:ff9b::808:808'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['not an address', 'localhost'],
    ['not an address', '0x7f.1'],
    ['an octal one', '0177.0.0.1'],
    ['an octal tail', '::ffff:010.1.1.1'],
    ['a hexadecimal tail', '::ffff:0x8.8.8.8'],
    ['a scoped one', 'fe80::1%eth0'],
    ['a public scoped one', '2606:4700::1111%eth0'],
    ['nothing', ''],
  ])('refuses %s: %s', (_, address) => expect(isCallable(address, [])).toBe(false));

  it('calls a refused range when the provider allows it, and only that one', () => {
    expect(isCallable('127.0.0.1', ['127.0.0.0/8', '::1/128'])).toBe(true);
    expect(isCallable('::1', ['127.0.0.0/8', '::1/128'])).toBe(true);
    expect(isCallable('::ffff:10.1.0.5', ['10.1.0.0/16'])).toBe(true);
    expect(isCallable('10.2.0.5', ['10.1.0.0/16'])).toBe(false);
    expect(isCallable('::1', ['127.0.0.0/8'])).toBe(false);
    expect(isCallable('64:ff9b::a00:1', ['64:ff9b::/96'])).toBe(false);
    expect(isCallable('64:ff9b::808:808', ['64:ff9b::/96'])).toBe(true);
    expect(isCallable('64:ff9b:1::808:808', ['64:ff9b:1::/48'])).toBe(true);
    expect(isCallable('::1', ['::1/128'])).toBe(true);
  });

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    // RFC 6052 §2.2, prefixes of 48, 56 and 64 bits.
    '64:ff9b:1:a9fe:a9:fe00::',
    '64:ff9b:1:a9:fe:a9fe::',
    '64:ff9b:1:0:a9:fea9:fe00::',
    '::169.254.169.254',
    'fe80::5efe:169.254.169.254',
    'fd12:3456::200:5efe:a9fe:a9fe',
    '169.254.0.23',
    '169.254.42.42',
    'fd00:42::42',
    '2002:a9fe:a9fe::1',
    '2001:0:1:2:3:4:5601:5601',
  ])('never calls the metadata service at %s, whatever is allowed', (address) =>
    expect(isCallable(address, everything)).toBe(false),
  );

  it('judges every mapped address as the address it carries', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isCallable(`::ffff:${address}`, [])).toBe(isCallable(address, []));
      }),
    );
  });

  it('reads every IPv6 address in each of its spellings', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(parseRange(`${address}/128`)).not.toBeNull();
      }),
    );
    const spellings = ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', '1:2:3:4:5:6:0.7.0.0', '0001:2::3:4:5:6:7:0'];
    expect(spellings.slice(0, 3).map((text) => parseRange(text)?.base)).toEqual(
      Array(3).fill(parseRange('1:2:3:4:5:6:7:0')?.base),
    );
  });

  it.each([
    '',
    '/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    '::1/129',
    '1::2::3',
    '10.0.0.0/8/8',
    'a.b.c.d',
    '1:2',
  ])('takes "%s" for no range', (text) => expect(parseRange(text)).toBeNull());

  it('knows a literal host from a name', () => {
    expect(literalAddress('[::1]')).toBe('::1');
    expect(literalAddress(new URL('http://0x7f.1/').hostname)).toBe('127.0.0.1');
    expect(literalAddress('localhost')).toBeNull();
  });

  it('lets tokens travel in clear only on this machine', () => {
    const urls = ['https://a.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:3'];
    expect(urls.map((url) => isProtected(new URL(url)))).toEqual([true, true, true, true]);
    const open = ['http://a.example', 'http://10.0.0.1', 'http://localhost.evil.example', 'ftp://127.0.0.1'];
    expect(open.map((url) => isProtected(new URL(url)))).toEqual([false, false, false, false]);
  });
});
