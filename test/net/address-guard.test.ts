import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressRefused, guard, guardedConnector } from '../../src/net/address-guard.js';
import { accessOf, openUpstream, providerAt, requestTo } from '../upstream/setting.js';
import { type StubServer, says, stubServer } from '../upstream/stub-server.js';

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer(says(200, '{}'));
});
afterAll(() => stub.close());

const call = async (origin: string, allowAddresses: readonly string[]) => {
  const opened = openUpstream();
  try {
    return await opened.upstream.get(accessOf('alice'), requestTo(providerAt(origin, { allowAddresses })));
  } finally {
    await opened.close();
  }
};

const refused = { kind: 'unusable', code: 'address-refused', detail: null };
const named = () => stub.origin.replace('127.0.0.1', 'localhost');

describe('the addresses a provider is called at', () => {
  it('include loopback only if the provider’s record allows it, as an address or a name', async () => {
    expect((await call(stub.origin, ['127.0.0.0/8'])).kind).toBe('data');
    expect((await call(named(), ['127.0.0.0/8', '::1/128'])).kind).toBe('data');
    stub.requests.length = 0;
    expect(await call(stub.origin, [])).toEqual(refused);
    expect(await call(named(), [])).toEqual(refused);
    expect(await call(named(), ['10.0.0.0/8'])).toEqual(refused);
    expect(stub.requests).toHaveLength(0);
  });

  it('are each record’s own: what one allows is not reached for another at the same origin', async () => {
    const opened = openUpstream();
    const at = (id: string, allowAddresses: readonly string[]) =>
      opened.upstream.get(
        accessOf(id),
        requestTo(providerAt(named(), { id, allowAddresses }), { gadgetVersion: id }),
      );
    expect((await at('mingle', ['127.0.0.0/8', '::1/128'])).kind).toBe('data');
    expect(await at('gocd', [])).toEqual(refused);
    await opened.close();
  });

  it.each([
    'https://169.254.169.254',
    'https://[::ffff:169.254.169.254]',
    'https://[fd00:ec2::254]',
    'https://2852039166',
  ])('never include a metadata service: %s', async (origin) =>
    expect(await call(origin, ['0.0.0.0/0', '::/0'])).toEqual(refused),
  );

  it('never include another machine in clear', async () => {
    expect(await call('http://10.1.2.3', ['10.0.0.0/8'])).toEqual(refused);
  });

  it('are all those that the name had when it was checked', async () => {
    const { lookup } = guard([]);
    const failure = await new Promise((resolve) => lookup('localhost', {}, resolve));
    expect(failure).toBeInstanceOf(AddressRefused);
    const open = guard(['127.0.0.0/8', '::1/128']);
    const one = await new Promise((resolve) =>
      open.lookup('localhost', {}, (_, address) => resolve(address)),
    );
    expect(['127.0.0.1', '::1']).toContain(one);
    const all = await new Promise((resolve) =>
      open.lookup('localhost', { all: true }, (_, list) => resolve(list)),
    );
    expect(all).toBeInstanceOf(Array);
  });

  it('are checked again once connected, before a byte is sent', async () => {
    const fooled = { ...guard(['127.0.0.0/8']), admits: () => false };
    const pool = new Pool(stub.origin, { connect: guardedConnector(fooled, 1000) });
    stub.requests.length = 0;
    await expect(pool.request({ path: '/', method: 'GET' })).rejects.toThrow(AddressRefused);
    expect(stub.requests).toHaveLength(0);
    await pool.destroy();
  });

  it('do not appear in the error', () => {
    expect(new AddressRefused('intern.example').message).not.toMatch(/\d/);
  });
});
