import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listening } from '../chaos/listening.js';
import { HOST_SECRET } from '../support/host-token.js';
import { type Answer, frameData, httpFrame, redirectOf } from '../support/http-viewer.js';
import { startWhole, type Whole } from '../support/whole.js';

const GADGET = `
title: Mine
description: What only its viewer may see.
requests:
  mine: { provider: held, path: "/api/mine", format: json, ttl: 1 }
`;

/** A provider whose API can hold one answer until a token is revoked. */
class HeldProvider {
  #held: ServerResponse | null = null;
  #isToHold: ((isAsked: true) => void) | null = null;
  #refusal = 0;
  readonly server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://provider');
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', 'code');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    response.setHeader('Content-Type', 'application/json');
    if (url.pathname === '/token')
      response.end(
        JSON.stringify({ access_token: 'access', refresh_token: 'refresh', token_type: 'bearer' }),
      );
    else if (url.pathname === '/revoke') {
      response.end();
      this.#held?.writeHead(this.#refusal).end('{}');
      this.#held = null;
    } else if (this.#isToHold !== null) {
      this.#held = response;
      this.#isToHold(true);
      this.#isToHold = null;
    } else response.end('{"owner":"ann"}');
  });

  /** Holds the next answer, to give this status when a token is revoked; resolves when it was asked for. */
  hold(refusal: number): Promise<true> {
    this.#refusal = refusal;
    return new Promise((resolve) => {
      this.#isToHold = resolve;
    });
  }
}

const provider = new HeldProvider();
const gadgets = mkdtempSync(join(tmpdir(), 'oriel-held-'));
let whole: Whole;

beforeAll(async () => {
  const url = `http://127.0.0.1:${await listening(provider.server)}`;
  mkdirSync(join(gadgets, 'mine'));
  writeFileSync(join(gadgets, 'mine/gadget.yaml'), GADGET);
  writeFileSync(join(gadgets, 'mine/view.njk'), '<p>{{ answers.mine.data.owner }}</p>');
  whole = await startWhole({
    processes: 2,
    config: {
      gadgets: [gadgets],
      hosts: {
        gocd: {
          origins: ['http://localhost:1'],
          key: { algorithm: 'HS256', secret: HOST_SECRET },
          ...{ gadgets: ['mine'], providers: ['held'] },
        },
      },
      providers: {
        held: {
          ...{ name: 'Held', url, api: url, account: 'none', allowAddresses: ['127.0.0.0/8'] },
          authorizationEndpoint: `${url}/authorize`,
          tokenEndpoint: `${url}/token`,
          revocationEndpoint: `${url}/revoke`,
          client: { id: 'oriel', secret: 'client-secret' },
        },
      },
    },
  });
});
afterAll(async () => {
  provider.server.closeAllConnections();
  provider.server.close();
  await whole.close();
  rmSync(gadgets, { recursive: true });
});

const stateOf = ({ headers }: Answer): unknown => headers['x-oriel-state'];

describe('a frame that is being rendered while its viewer disconnects on another server', () => {
  it.each([401, 403, 404, 429, 503])(
    'leads to connect when the provider then answers %i to the revoked token',
    async (status) => {
      const [first = 0, second = 0] = whole.ports;
      const frame = httpFrame(whole);
      whole.oriel.to(first);
      const token = await whole.token(`ann-${status}`);
      const { bearer } = frameData((await frame.launch('gocd', 'mine', { token })).text);
      const connected = await frame.connect(bearer, 'held', async (address, browser) =>
        redirectOf(await browser.send(address), address),
      );
      expect(connected).toBe('active');
      await expect.poll(async () => stateOf(await frame.content(bearer))).toBe('content');

      // Once what is kept of the last answer is over, this server asks again.
      const asked = provider.hold(status);
      let answer = frame.content(bearer);
      const isAsked = async () => {
        if (await Promise.race([asked, answer.then(() => false)])) return true;
        answer = frame.content(bearer);
        return false;
      };
      await expect.poll(isAsked, { timeout: 10_000 }).toBe(true);
      whole.oriel.to(second);
      await frame.call(bearer, '/frame/disconnect', { provider: 'held' });
      whole.oriel.to(first);
      let state = stateOf(await answer);
      while (state === undefined) state = stateOf(await frame.content(bearer));
      expect(state).toBe('connect');
    },
  );
});
