import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress, isFromProxy } from '../../src/web/client-address.js';

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded ? { 'x-forwarded-for': forwarded } : {},
  }) as IncomingMessage;

describe('the sender of a request', () => {
  it('is the peer, whatever a header claims, where no proxy is trusted', () => {
    expect(clientAddress([])(from('192.0.2.1', '10.9.9.9'))).toBe('192.0.2.1');
    expect(clientAddress([])(from('::ffff:192.0.2.1'))).toBe('192.0.2.1');
  });

  it('is the last address that a trusted proxy did not write itself', () => {
    const address = clientAddress(['10.0.0.0/8', '::1/128']);
    expect(address(from('10.0.0.1', '203.0.113.7'))).toBe('203.0.113.7');
    expect(address(from('::1', '1.1.1.1, 203.0.113.7, 10.0.0.2'))).toBe('203.0.113.7');
    expect(address(from('192.0.2.1', '203.0.113.7'))).toBe('192.0.2.1');
    expect(address(from('10.0.0.1', 'nonsense'))).toBe('10.0.0.1');
    expect(address(from('10.0.0.1'))).toBe('10.0.0.1');
  });

  it('is a trusted proxy by its own address, not by what a header claims', () => {
    const isProxy = isFromProxy(['10.0.0.0/8', '::1/128'], false);
    expect([from('10.0.0.1'), from('::ffff:10.0.0.1'), from('::1')].map(isProxy)).toEqual([true, true, true]);
    expect([from('192.0.2.1', '10.0.0.1'), from('')].map(isProxy)).toEqual([false, false]);
    expect(isFromProxy([], true)(from(''))).toBe(true);
  });
});
