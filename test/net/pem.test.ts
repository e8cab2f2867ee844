import { describe, expect, it } from 'vitest';
import { linesOf } from '../config/sample.js';
import { draftOf, providerOf, standard, withProvider } from '../providers/one-provider.js';
import { certificate, selfSigned } from '../support/self-signed.js';

const one = selfSigned('mingle.intra.example');
const two = certificate({ names: ['old.example'], from: -9, until: -2 });
const faultsOf = (certificates: unknown) => linesOf(withProvider({ ...standard, certificates }));

describe('Certificates that a provider’s record trusts', () => {
  it('are only those named, each separately, however they were written', () => {
    expect(providerOf(standard).certificates).toEqual([]);
    const bundle = `Our own CA\n${one.cert}\nand the old one\n${two.cert.replaceAll('\n', '\r\n')}`;
    expect(providerOf({ ...standard, certificates: [bundle] }).certificates).toEqual([one.cert, two.cert]);
    expect(providerOf({ ...standard, certificates: [one.cert, two.cert] }).certificates).toHaveLength(2);
  });

  it('are there before the server’s metadata was read', () => {
    const issuer = { issuer: 'https://login.example.com', api: 'https://api.example.com' };
    expect(draftOf({ ...issuer, certificates: [one.cert] })).toMatchObject({
      draft: { certificates: [one.cert] },
    });
  });

  it.each([
    ['./ca.pem', 'this is no certificate in PEM'],
    ['', 'this is no certificate in PEM'],
    [one.key, 'this holds a private key'],
    [`${one.cert}${one.key}`, 'this holds a private key'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'this certificate cannot be read'],
    [
      `${one.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      'its certificate 2 cannot be read',
    ],
  ])('must be certificates: %#', (text, problem) => {
    const faults = faultsOf([text]);
    expect(faults).toEqual([expect.stringContaining(`providers.it.certificates[0]: ${problem}`)]);
    expect(faults.join()).not.toContain(one.key.slice(40, 80));
  });

  it('are at most twenty', () => {
    expect(faultsOf(Array(21).fill(one.cert))).toEqual([expect.stringContaining('more than 20')]);
  });
});
