import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** A trace that the proxy in front has started (W3C Trace Context). */
const PROXYS = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** A collector, as far as OTLP over HTTP with JSON needs one. */
const batches: Batch[] = [];
const asked: { path: string; key: string | undefined }[] = [];
let collector: Server;
let whole: Whole;
let output = '';
let spans: readonly Span[] = [];

const attributeOf = (
  { attributes }: { readonly attributes: readonly Attribute[] },
  name: string,
): unknown => {
  const { value } = attributes.find(({ key }) => key === name) ?? {};
  return value?.stringValue ?? value?.intValue;
};
const named = (name: string): readonly Span[] => spans.filter((span) => span.name === name);
const parentOf = ({ parentSpanId }: Span): Span | undefined =>
  spans.find(({ spanId }) => spanId === parentSpanId);

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    asked.push({ path: request.url ?? '', key: request.headers['x-key']?.toString() });
    batches.push((await json(request)) as Batch);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  whole = await startWhole({
    config: {
      traces: { endpoint, continueFromProxy: true, headers: { 'x-key': 'a-collector-key' } },
      trustedProxies: ['127.0.0.1/32'],
    },
  });
  const frame = httpFrame(whole);
  const { text } = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann')));
  const { bearer } = frameData(text);
  expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
  expect((await frame.content(bearer)).text).toContain('data-oriel-state="content"');
  await frame.browser.send(`${whole.gadgetOrigin}/embed.js`, { headers: { traceparent: PROXYS } });
  output = await whole.stop();
  spans = batches.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
}, 90_000);
afterAll(async () => {
  await whole.close();
  await new Promise((resolve) => collector.close(resolve));
});

describe('Traces', () => {
  it('follow a request into its rendering, the calls of providers and the database', () => {
    const [content] = named('GET /frame/content');
    expect(
      content && [attributeOf(content, 'http.route'), attributeOf(content, 'http.response.status_code')],
    ).toEqual(['/frame/content', 200]);
    const render = named('render').find((span) => parentOf(span) === content);
    expect(render && attributeOf(render, 'oriel.gadget')).toBe('mingle-cards');
    const calls = named('call provider').filter((span) => parentOf(span) === render);
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      expect([attributeOf(call, 'oriel.provider'), attributeOf(call, 'oriel.outcome')]).toEqual([
        'mingle',
        'ok',
      ]);
      expect(call.traceId).toBe(content?.traceId);
      expect(Number(call.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(call.startTimeUnixNano));
    }
    expect(named('database writing').some((span) => parentOf(span)?.name === 'POST /h/:host/g/:gadget')).toBe(
      true,
    );
  });

  it('go on with the trace of a trusted proxy, where that is configured', () => {
    const [, traceId, parentSpanId] = PROXYS.split('-');
    expect(spans.filter((span) => span.parentSpanId === parentSpanId)).toMatchObject([
      { traceId, name: 'GET /embed.js' },
    ]);
  });

  it('are of requests alone: upkeep and probes leave none', () => {
    for (const span of spans) if (span.name.startsWith('database')) expect(parentOf(span)).toBeDefined();
    expect(named('request')).toEqual([]);
    expect(spans.some(({ name }) => /readyz|healthz/.test(name))).toBe(false);
  });

  it('name the request as its log line and its response do', () => {
    const [launch] = named('POST /h/:host/g/:gadget');
    const id = launch && attributeOf(launch, 'oriel.request_id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(output).toContain(`"requestId":"${String(id)}"`);
  });

  it('say what runs, and are sent to the collector with its key', () => {
    const { attributes } = batches[0]?.resourceSpans[0]?.resource ?? { attributes: [] };
    expect(attributeOf({ attributes }, 'service.name')).toBe('oriel');
    expect(attributeOf({ attributes }, 'service.version')).toMatch(/^\d/);
    expect(asked[0]).toEqual({ path: '/v1/traces', key: 'a-collector-key' });
  });

  it('hold no viewer, no token, no address and no value of a request', () => {
    const text = JSON.stringify(batches);
    const bearers = whole.oriel.exchanges
      .flatMap(({ requestHeaders }) => requestHeaders)
      .filter((value) => value.startsWith('Bearer '))
      .map((value) => value.slice(7));
    expect(bearers.length).toBeGreaterThan(0);
    for (const word of ['ann', 'apollo', ...bearers, ...Object.values(whole.secrets)])
      expect(text).not.toMatch(new RegExp(`\\b${word}\\b`));
    expect(text).not.toContain('localhost');
  });

  it('are not sent on to providers', () => {
    const names = whole.mingle.exchanges.flatMap(({ requestHeaders }) =>
      requestHeaders.filter((_, at) => at % 2 === 0),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => /^(?:traceparent|tracestate|baggage|b3)$/i.test(name))).toEqual([]);
  });
});
