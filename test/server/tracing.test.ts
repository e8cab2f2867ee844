import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Tracing } from '../../src/server/tracing.js';
import { createTestServer } from '../support/test-server.js';

interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
}

interface Batch {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const close = (server: Server) => new Promise((resolve) => server.close(resolve));

describe('the trace of a request', () => {
  let spans: Span[];
  let collector: Server;
  beforeEach(() => {
    spans = [];
    collector = createServer(async (request, response) => {
      const { resourceSpans } = (await json(request)) as Batch;
      spans.push(...resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  afterEach(() => close(collector));

  /** The spans of one request that is sent with this header. */
  const spansOf = async (
    traceparent: string,
    { isTrusted = true, sample = 1 } = {},
  ): Promise<readonly Span[]> => {
    const endpoint = await listen(collector);
    const traces = { endpoint, sample, continueFromProxy: true, headers: {} };
    const tracing = new Tracing(traces, '1');
    const server = createServer(
      tracing.tracingRequests(
        (_, response) => void response.end(),
        () => isTrusted,
      ),
    );
    await (await fetch(await listen(server), { headers: { traceparent, connection: 'close' } })).text();
    await close(server);
    await tracing.close();
    return spans;
  };

  it.each([`00-${TRACE}-${PARENT}-01`, `01-${TRACE}-${PARENT}-01-more`])(
    'goes on with what a trusted proxy names: %s',
    async (header) => {
      expect(await spansOf(header, { sample: 0 })).toMatchObject([{ traceId: TRACE, parentSpanId: PARENT }]);
    },
  );

  it('is left out where a trusted proxy left it out', async () => {
    expect(await spansOf(`00-${TRACE}-${PARENT}-00`)).toEqual([]);
  });

  it.each([
    [`00-${TRACE}-${PARENT}-01`, { isTrusted: false }],
    [`00-${'0'.repeat(32)}-${PARENT}-01`, {}],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, {}],
    [`ff-${TRACE}-${PARENT}-01`, {}],
    [`00-${TRACE}-${PARENT}-01-more`, {}],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, {}],
    ['', {}],
  ])('is its own with %s, %j', async (header, options) => {
    const [span, ...others] = await spansOf(header, options);
    expect(others).toEqual([]);
    expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect([TRACE, undefined]).not.toContain(span?.traceId);
    expect(span?.parentSpanId ?? '').toBe('');
  });

  it('is not of those that are sampled because anyone asks for it', async () => {
    expect(await spansOf(`00-${TRACE}-${PARENT}-01`, { isTrusted: false, sample: 0 })).toEqual([]);
  });

  it.each([
    ['goes on where its sender is a trusted proxy and that is configured', true, ['127.0.0.0/8'], true],
    ['does not go on with what someone else sends', true, [], false],
    ['does not go on where nothing is said about it', false, ['127.0.0.0/8'], false],
  ])('of a whole server %s', async (_, continueFromProxy, trustedProxies, goesOn) => {
    const endpoint = await listen(collector);
    const { gadgetOrigin, close: end } = await createTestServer(
      { traces: { endpoint, continueFromProxy }, trustedProxies },
      { bundled: false },
    );
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    await (await fetch(`${gadgetOrigin}/embed.js`, { headers: { traceparent } })).text();
    await end();
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.some(({ traceId }) => traceId === TRACE)).toBe(goesOn);
  });
});
