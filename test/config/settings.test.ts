import { describe, expect, it } from 'vitest';
import { readRingKey } from '../../src/config/key-ring.js';
import { Secret } from '../../src/domain/secret.js';
import { configOf, linesOf, RING_KEY, sample } from './sample.js';

const otherKey = `k2:${Buffer.alloc(32, 9).toString('base64url')}`;

describe('The two origins', () => {
  it.each([
    ['http://gadgets.example.com', 'plain http is allowed on loopback only'],
    ['http://10.0.0.1:3000', 'plain http is allowed on loopback only'],
    ['http://127.0.0.1.example.com', 'plain http is allowed on loopback only'],
    ['http://localhost.example.com', 'plain http is allowed on loopback only'],
    ['https://gadgets.example.com/', 'an origin has no slash at its end'],
    [
      'http://gadgets.example.com/',
      'plain http is allowed on loopback only; an origin has no slash at its end',
    ],
    ['https://gadgets.example.com/app', 'an origin is scheme, host and port only: no path, query or user'],
    ['https://gadgets.example.com?a', 'an origin is scheme, host and port only: no path, query or user'],
    ['https://me@gadgets.example.com', 'an origin is scheme, host and port only: no path, query or user'],
    ['https://*.example.com', 'a wildcard is no origin; name each one'],
    ['https://Gadgets.example.com', 'write the origin as browsers do: lower case, no default port'],
    ['https://gadgets.example.com:443', 'write the origin as browsers do: lower case, no default port'],
    ['http://127.1:3000', 'write the origin as browsers do: lower case, no default port'],
    ['ftp://gadgets.example.com', 'an origin here starts with https://'],
    ['javascript:alert(1)', 'this is no origin'],
    ['gadgets.example.com', 'this is no origin'],
    ['null', 'this is no origin'],
    ['', 'this is no origin'],
  ])('are refused when one is %s', (gadgetOrigin, problem) => {
    expect(linesOf({ ...sample(), gadgetOrigin })).toEqual([`gadgetOrigin: ${problem}`]);
  });

  it.each(['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000', 'https://10.0.0.1'])(
    'may be %s',
    (gadgetOrigin) => {
      expect(configOf({ ...sample(), gadgetOrigin }).gadgetOrigin).toBe(gadgetOrigin);
    },
  );

  it('must differ', () => {
    expect(linesOf({ ...sample(), siteOrigin: 'https://gadgets.example.com' })).toEqual([
      'siteOrigin: this is the same origin as gadgetOrigin',
    ]);
  });
});

describe('The key ring', () => {
  it('keeps its order: the first key seals', () => {
    const { keys } = configOf({ ...sample(), keys: [otherKey, RING_KEY] });
    expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
  });

  it.each([
    [undefined, 'keys: this is missing'],
    [[], 'keys: the key ring is empty'],
    [RING_KEY, 'keys: this is not a list'],
    [['k1:short'], 'keys[0]: this is not `id:` followed by 32 bytes as base64url'],
    [[RING_KEY.slice(3)], 'keys[0]: this is not `id:` followed by 32 bytes as base64url'],
    [[`${RING_KEY}AA`], 'keys[0]: this is not `id:` followed by 32 bytes as base64url'],
    [[RING_KEY, otherKey.replace('k2', 'k1')], 'keys[1]: a key with the id k1 was already given'],
  ])('is refused as %j', (keys, line) => {
    const { keys: _keys, ...data } = sample();
    expect(linesOf(keys === undefined ? data : { ...data, keys })).toEqual([line]);
  });

  it('takes base64url only where it means 32 bytes', () => {
    expect(readRingKey(RING_KEY)?.key.reveal()).toHaveLength(43);
    expect(Buffer.from(readRingKey(RING_KEY)?.key.reveal() ?? '', 'base64url')).toHaveLength(32);
    expect(readRingKey(`k1:${'+'.repeat(43)}`)).toBeNull();
  });
});

describe('PostgreSQL as the database', () => {
  const databaseOf = (database: unknown) => configOf({ ...sample(), database }).database;
  it.each([
    ['postgres://oriel:p%40ss@db/oriel', { url: 'postgres://oriel@db/oriel', password: 'p@ss', tls: null }],
    [
      'postgres://oriel@db/oriel?sslmode=disable',
      { url: 'postgres://oriel@db/oriel', password: null, tls: 'off' },
    ],
    ['postgres://db/oriel?sslmode=require', { url: 'postgres://db/oriel', password: null, tls: 'verify' }],
    [
      'postgresql:///oriel?host=/run/postgresql',
      { url: 'postgresql:///oriel?host=/run/postgresql', password: null, tls: null },
    ],
    [
      { url: 'postgres://oriel@db/oriel', password: 'secret', tls: 'unverified', connections: 3 },
      { url: 'postgres://oriel@db/oriel', password: 'secret', tls: 'unverified', connections: 3 },
    ],
  ])('is named as %j', (written, expected) => {
    const address = databaseOf(written);
    if (typeof address === 'string') throw new Error('not PostgreSQL');
    expect(address).toMatchObject({ ...expected, password: expected.password && expect.any(Secret) });
    expect(address.password?.reveal() ?? null).toBe(expected.password);
    expect(JSON.stringify(address)).not.toContain('p@ss');
  });
});

describe('A setting', () => {
  it.each([
    [{ listen: { port: 65_536 } }, 'listen.port: this is not a whole number from 0 to 65535'],
    [{ listen: { port: 1.5 } }, 'listen.port: this is not a whole number from 0 to 65535'],
    [{ listen: { port: '0x10' } }, 'listen.port: this is not a whole number from 0 to 65535'],
    [{ listen: { host: 'a b' } }, 'listen.host: this is no address or name'],
    [
      { listen: { socket: './o.sock', port: 3000 } },
      'listen.port: the server listens on `socket` alone: remove this, or remove `socket`',
    ],
    [
      { listen: { socket: './o.sock', host: '127.0.0.1' } },
      'listen.host: the server listens on `socket` alone: remove this, or remove `socket`',
    ],
    [
      { metrics: { listen: { socket: './m.sock', port: 1 } } },
      'metrics.listen.port: the server listens on `socket` alone: remove this, or remove `socket`',
    ],
    [
      { listen: { mode: '600' } },
      'listen.mode: there is no `socket` that this is the mode of: remove this, or add `socket`',
    ],
    [{ listen: { prot: 1 } }, 'listen.prot: this key is not known here'],
    [{ trustedProxies: ['10.0.0.0/33'] }, 'trustedProxies[0]: this is no address range'],
    [{ trustedProxies: ['*'] }, 'trustedProxies[0]: this is no address range'],
    [
      { database: 'mysql://db/oriel' },
      'database: this is neither `sqlite:` followed by a file nor a URL that starts with postgres://',
    ],
    [{ database: 'postgres://db' }, 'database: the URL names no database: postgres://host/name'],
    [
      { database: 'postgres://db/oriel?options=-csearch_path%3Dx' },
      'database: only the parameters host and sslmode are known in the URL',
    ],
    [{ database: { url: 'sqlite:./oriel.db' } }, 'database.url: this is no URL that starts with postgres://'],
    [{ database: { url: 'postgres://db/oriel', ca: 'x' } }, 'database.ca: this is no certificate as PEM'],
    [
      { database: { url: 'postgres://db/oriel', tls: 'on' } },
      'database.tls: this is not one of: verify, unverified, off',
    ],
    [
      { database: { url: 'postgres://db/oriel', connections: 1 } },
      'database.connections: this is not a whole number from 2 to 1000',
    ],
    [{ logLevel: 'verbose' }, 'logLevel: this is not one of: trace, debug, info, warn, error, fatal, silent'],
    [{ unusedConnectionDays: 0 }, 'unusedConnectionDays: this is not a whole number from 1 to 3650'],
    [{ maxStale: null }, 'maxStale: this is not a whole number from 0 to 86400'],
    [{ renderBudget: true }, 'renderBudget: this is not a whole number from 1 to 30000'],
    [{ gadgets: './gadgets' }, 'gadgets: this is not a list'],
    [{ hosts: null }, 'hosts: this is empty'],
    [{ host: {} }, 'host: this key is not known here'],
  ])('is refused as %j', (change, line) => {
    expect(linesOf({ ...sample(), ...change })).toEqual([line]);
  });
});
