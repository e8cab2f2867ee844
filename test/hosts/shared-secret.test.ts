import { createHmac, createSecretKey } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { SharedSecret } from '../../src/hosts/shared-secret.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';

const key = createSecretKey(Buffer.from(HOST_SECRET));
const secret = new SharedSecret(new Secret(HOST_SECRET));

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = (header: string, payload: string, hash = 'sha256'): string =>
  `${header}.${payload}.${createHmac(hash, key).update(`${header}.${payload}`).digest('base64url')}`;

/** What is made of it, by ours and by `jose`: what it says, or which error. */
const ours = (token: string): string => {
  try {
    return Buffer.from(secret.verify(token).payload).toString();
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return error.code;
  }
};
const theirs = async (token: string): Promise<string> => {
  try {
    return Buffer.from((await compactVerify(token, key, { algorithms: ['HS256'] })).payload).toString();
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return error.code;
  }
};

const CLAIMS = encoded({ sub: 'ann' });
const HEADER = encoded({ alg: 'HS256' });

describe('A token signed with a shared secret', () => {
  it('is accepted with every header that names the algorithm', () => {
    for (const header of [{ alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS256', kid: '../../etc' }])
      expect(ours(signed(encoded(header), CLAIMS))).toBe('{"sub":"ann"}');
  });

  it('is refused by jose’s own words where header, parts or signature are not right', () => {
    const right = signed(HEADER, CLAIMS);
    const [, , signature = ''] = right.split('.');
    const refused: Readonly<Record<string, readonly string[]>> = {
      ERR_JOSE_ALG_NOT_ALLOWED: [
        signed(encoded({ alg: 'none' }), CLAIMS),
        signed(encoded({ alg: 'HS512' }), CLAIMS, 'sha512'),
        signed(encoded({ alg: 'hs256' }), CLAIMS),
        signed(encoded({ alg: ['HS256'] }), CLAIMS),
        signed(encoded({}), CLAIMS),
      ],
      ERR_JWS_INVALID: [
        signed(encoded([]), CLAIMS),
        signed(encoded('HS256'), CLAIMS),
        signed(encoded(null), CLAIMS),
        signed('e30x', CLAIMS),
        signed('', CLAIMS),
        signed(HEADER, ''),
        signed(HEADER, `${CLAIMS}=`),
        signed(HEADER, `${CLAIMS} `),
        signed(HEADER, 'a+b/'),
        `${right}.`,
        `${right}.x`,
        HEADER,
        `${HEADER}.${CLAIMS}`,
        '..',
        '',
      ],
      ERR_JWS_SIGNATURE_VERIFICATION_FAILED: [
        `${HEADER}.${CLAIMS}.`,
        `${HEADER}.${CLAIMS}.${'A'.repeat(signature.length)}`,
        `${right}=`,
        `${right} `,
        `${HEADER}.${CLAIMS}.${signature}${signature}`,
        signed(HEADER, CLAIMS, 'sha512'),
        `${encoded({ alg: 'HS256', typ: 'JWT' })}.${CLAIMS}.${signature}`,
        `${HEADER}.${encoded({ sub: 'bob' })}.${signature}`,
      ],
    };
    for (const [code, tokens] of Object.entries(refused))
      for (const token of tokens) expect(ours(token), token).toBe(code);
  });

  it('is never accepted where jose refuses it, with any one character changed, left out or doubled', async () => {
    const token = await signHostToken();
    expect(ours(token)).toBe(await theirs(token));
    let both = 0;
    for (let at = 0; at < token.length; at += 1)
      for (const instead of ['', 'A', '.', '=', '-', `${token[at]}${token[at]}`]) {
        const changed = `${token.slice(0, at)}${instead}${token.slice(at + 1)}`;
        if (changed === token) continue;
        expect(ours(changed), changed).toMatch(/^ERR_/);
        if ((await theirs(changed)).startsWith('ERR_')) both += 1;
      }
    // What decodes to the same signature and is written otherwise is refused by ours alone.
    expect(both).toBeGreaterThan(token.length * 4);
  });
});
