import { describe, expect, it } from 'vitest';
import { allowedForKeys, allowedForSignIn } from '../../src/config/outgoing-bound.js';
import { entriesReader } from '../../src/config/read-entries.js';
import { configOf, faultsOf, linesOf, sample } from './sample.js';

const withMingle = (given: object, more: object = {}) => {
  const data = sample();
  return { ...data, providers: { mingle: { ...data.providers.mingle, ...given } }, ...more };
};
const withKeys = (jwks: string, more: object = {}) => {
  const data = sample();
  const gocd = { ...data.hosts.gocd, key: { algorithms: ['ES256'], jwks } };
  return { ...data, hosts: { gocd }, ...more };
};
const local = { gadgetOrigin: 'http://127.0.0.1:3000', siteOrigin: 'http://localhost:3000' };

describe('The outer bound of what is called', () => {
  it.each([
    [{}, sample(), []],
    [{}, { ...sample(), ...local }, ['127.0.0.0/8', '::1/128']],
    [{}, { ...sample(), gadgetOrigin: local.gadgetOrigin }, []],
    [{}, withMingle({ allowAddresses: ['10.1.0.0/16'] }), ['10.1.0.0/16']],
    [{}, withMingle({ allowAddresses: ['10.1.0.0/16'] }, local), ['127.0.0.0/8', '::1/128', '10.1.0.0/16']],
    [{ outgoing: { allow: [] } }, { ...sample(), ...local }, []],
    [
      { outgoing: { allow: ['10.0.0.0/8'] } },
      withMingle({ allowAddresses: ['10.1.0.0/16'] }),
      ['10.0.0.0/8'],
    ],
  ])('is %j over %j', (outgoing, data, allow) => {
    expect(configOf({ ...data, ...outgoing }).outgoing.allow).toEqual(allow);
  });

  it('holds the file to what it says', () => {
    const outgoing = { allow: ['10.0.0.0/8'] };
    expect(faultsOf(withMingle({ allowAddresses: ['10.1.0.0/16', '192.168.0.0/16'] }, { outgoing }))).toEqual(
      [
        {
          file: expect.any(String),
          line: expect.any(Number),
          path: 'providers.mingle.allowAddresses[1]',
          problem:
            '192.168.0.0/16 is outside of the private addresses that this server may call (10.0.0.0/8)',
          expected: expect.stringContaining('`outgoing.allow` of oriel.yaml'),
          example: null,
        },
      ],
    );
    expect(linesOf(withKeys('https://10.0.0.5/jwks', { outgoing }))).toEqual([]);
    expect(linesOf(withKeys('https://192.168.0.5/jwks', { outgoing }))).toEqual([
      'hosts.gocd.key.jwks: 192.168.0.5 is outside of the private addresses that this server may call (10.0.0.0/8)',
    ]);
  });

  it('that is wrong itself is the only mistake reported', () => {
    expect(
      linesOf(withMingle({ allowAddresses: ['10.1.0.0/16'] }, { outgoing: { allow: ['10/8'] } })),
    ).toEqual(['outgoing.allow[0]: this is no address range']);
  });

  it.each([
    ['providers.wiki.allowAddresses[0]', { allowAddresses: ['127.0.0.0/8'] }, null],
    ['providers.wiki.allowAddresses[0]', { allowAddresses: ['0.0.0.0/0'] }, null],
    ['providers.wiki.allowAddresses[1]', { allowAddresses: ['10.1.2.0/24', '10.0.0.0/8'] }, null],
    ['hosts.portal.key.jwks', {}, 'http://localhost:9/jwks'],
    ['hosts.portal.key.jwks', {}, 'http://127.0.0.1:9/jwks'],
    ['hosts.portal.key.jwks', {}, 'https://[::1]/jwks'],
    ['hosts.portal.key.jwks', {}, 'https://10.2.0.1/jwks'],
    ['hosts.portal.key.jwks', {}, 'https://169.254.169.254/latest'],
  ])('names %s of a record that is not the file’s: %j %s', (path, provider, jwks) => {
    const read = entriesReader(configOf(withMingle({ allowAddresses: ['10.1.0.0/16'] })), 'the console');
    const wiki = {
      authorizationEndpoint: 'https://wiki.example.com/a',
      tokenEndpoint: 'https://wiki.example.com/t',
      api: 'https://wiki.example.com/api',
      client: { id: 'oriel', secret: 'wiki-client-secret' },
      ...provider,
    };
    const portal = { origins: ['https://portal.example.com'], key: { algorithms: ['ES256'], jwks } };
    const read_ = read({ hosts: jwks === null ? {} : { portal }, providers: { wiki } });
    expect(read_).toMatchObject({ faults: [{ path, problem: expect.stringContaining('(10.1.0.0/16)') }] });
  });

  it('trusts the keys that the file names, and no others, where the file sets none', () => {
    const own = 'https://10.9.9.9/jwks';
    const free = configOf(withKeys(own));
    expect(allowedForKeys(own, free)).toContain('0.0.0.0/0');
    expect(allowedForKeys('https://10.9.9.8/jwks', free)).toEqual([]);
    expect(allowedForSignIn(free.outgoing)).toContain('0.0.0.0/0');
    const bound = configOf(withKeys('https://10.9.9.9/jwks', { outgoing: { allow: ['10.9.9.9'] } }));
    expect(allowedForKeys(own, bound)).toEqual(['10.9.9.9']);
    expect(allowedForSignIn(bound.outgoing)).toEqual(['10.9.9.9']);
    const read = entriesReader(free, 'the console');
    const key = { algorithms: ['ES256'], jwks: own };
    expect(read({ hosts: { portal: { origins: ['https://p.example'], key } }, providers: {} })).toMatchObject(
      {
        hosts: [{ id: 'portal' }],
      },
    );
  });
});
