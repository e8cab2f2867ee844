import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSnippets } from '../../../../src/admin/hosts/write-snippets.js';
import { Secret } from '../../../../src/domain/secret.js';
import type { Host, HostAlgorithm } from '../../../../src/hosts/host.js';
import { HostTokens } from '../../../../src/hosts/host-tokens.js';
import { type Endpoint, LANGUAGES, type Language } from '../../../../src/hosts/snippets/snippet-facts.js';
import {
  exampleGadget,
  exampleHost,
  type GadgetServer,
  startGadgetServer,
} from '../../../support/gadget-server.js';
import { HOST_SECRET } from '../../../support/host-token.js';
import { PRESENT, USER } from './languages.js';
import { running } from './running.js';

const ORIGIN = 'http://localhost:8153';
/** A compiler may have to start first. */
const PATIENCE = 120_000;
let oriel: GadgetServer;
beforeAll(async () => {
  oriel = await startGadgetServer();
});
afterAll(() => oriel.close());

const endpointOf = (host: Host, language: Language, gadgetOrigin = oriel.gadgetOrigin): Endpoint => {
  const directory = {
    host: () => host,
    gadget: () => exampleGadget,
    provider: () => undefined,
    providerName: (id: string) => id,
    leaving: () => undefined,
    gadgets: () => [],
  };
  const { endpoints } = writeSnippets(
    { directory, gadgetOrigin },
    {
      host: host.id,
      gadget: exampleGadget.id,
      given: new Map([['project', 'apollo']]),
    },
  );
  const endpoint = endpoints.find((each) => each.language === language);
  if (endpoint === undefined) throw new Error(language);
  return endpoint;
};

const launch = (token: string): Promise<Response> =>
  fetch(`${oriel.gadgetOrigin}/h/gocd/g/example`, {
    method: 'POST',
    body: new URLSearchParams({ token, 'p.project': 'apollo' }),
  });

const tokenIn = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { token: string }).token;

describe.each(LANGUAGES)('The token endpoint in %s', (language) => {
  it.skipIf(!PRESENT[language].runs)(
    'gives tokens that launch a gadget once to its own page’s viewers, and to no one else',
    async () => {
      const endpoint = endpointOf(exampleHost([ORIGIN]), language);
      expect(endpoint.install).toBeNull();
      expect(endpoint.code).not.toContain(HOST_SECRET);
      const host = await running(endpoint, { ORIEL_HOST_SECRET: HOST_SECRET }, ORIGIN);
      try {
        const answer = await host.ask();
        expect(answer.status).toBe(200);
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
        const token = await tokenIn(answer);
        const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
        expect(claims).toMatchObject({ sub: USER.id, name: USER.name, gadget: 'example' });
        const launched = await launch(token);
        expect(launched.status).toBe(200);
        expect(await launched.text()).toContain(USER.id);
        expect((await launch(token)).status).toBe(401);
        expect((await launch(await tokenIn(await host.ask()))).status).toBe(200);

        expect((await host.ask({ method: 'GET' })).status).toBe(405);
        expect((await host.ask({ headers: { 'Content-Type': 'text/plain' } })).status).toBe(415);
        expect((await host.ask({ headers: { 'Content-Type': 'application/jsonx' } })).status).toBe(415);
        expect((await host.ask({ headers: { Origin: 'https://evil.example' } })).status).toBe(403);
        expect((await host.ask({ cookie: null })).status).toBe(401);
      } finally {
        await host.close();
      }
    },
    PATIENCE,
  );

  it.skipIf(!PRESENT[language].runs)(
    'does not start with a secret that is too short',
    async () => {
      const endpoint = endpointOf(exampleHost([ORIGIN]), language);
      const start = async (): Promise<number> => {
        const host = await running(endpoint, { ORIEL_HOST_SECRET: 'too short' }, ORIGIN);
        // PHP has no start of its own: each request is one.
        const { status } = await host.ask().finally(() => host.close());
        if (status !== 200) throw new Error(String(status));
        return status;
      };
      await expect(start()).rejects.toThrow();
    },
    PATIENCE,
  );
});

const PAIRS: Readonly<
  Record<Exclude<HostAlgorithm, 'HS256'>, () => { publicKey: KeyObject; privateKey: KeyObject }>
> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const ALGORITHMS = Object.keys(PAIRS) as (keyof typeof PAIRS)[];

const canSign = (language: Language, algorithm: HostAlgorithm): boolean =>
  PRESENT[language].runs &&
  (PRESENT[language].library || ((language === 'ruby' || language === 'php') && algorithm === 'EdDSA'));

const SIGNING = LANGUAGES.flatMap((language) =>
  ALGORITHMS.filter((algorithm) => canSign(language, algorithm)).map((algorithm) => ({
    language,
    algorithm,
  })),
);

it.each(SIGNING)(
  'The token endpoint in $language signs with $algorithm, by a key that the host publishes',
  async ({ language, algorithm }) => {
    const { publicKey, privateKey } = PAIRS[algorithm]();
    const url = 'https://gocd.example.com/jwks.json';
    const record: Host = { ...exampleHost([ORIGIN]), key: { kind: 'jwks', algorithms: [algorithm], url } };
    const variables = {
      ORIEL_HOST_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ORIEL_HOST_KEY_ID: 'k "1"',
    };
    const published = { ...publicKey.export({ format: 'jwk' }), kid: 'k "1"', alg: algorithm };
    const tokens = new HostTokens({
      ...oriel.ports,
      audience: oriel.gadgetOrigin,
      fetchJwks: async () => JSON.stringify({ keys: [published] }),
    });
    const host = await running(endpointOf(record, language), variables, ORIGIN);
    try {
      const token = new Secret(await tokenIn(await host.ask()));
      const claims = await tokens.verify(record, token);
      expect(claims.viewer.sub).toBe(USER.id);
      expect(claims.profile.name).toBe(USER.name);
      expect(claims.gadget).toBe('example');
    } finally {
      await host.close();
    }
  },
  PATIENCE,
);

it('The languages that were run are listed', () => {
  const ran = LANGUAGES.filter((language) => PRESENT[language].runs);
  const skipped = LANGUAGES.filter((language) => !PRESENT[language].runs);
  const signed = LANGUAGES.map((language) => {
    const algorithms = ALGORITHMS.filter((algorithm) => canSign(language, algorithm));
    return `${language} ${algorithms.length === 0 ? 'none' : algorithms.join('+')}`;
  });
  console.log(
    `Snippets run: ${ran.join(', ')}; not here: ${skipped.join(', ') || 'none'}. With private keys: ${signed.join(', ')}.`,
  );
  expect(ran).toContain('node');
});
