import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, RequestListener } from 'node:http';
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Config } from '../config/config.js';
import type { CallOutcome, MeterWatch } from '../domain/meter.js';
import type { RenderRequest } from '../domain/rendering.js';
import { FrameRenderings } from '../render/frame-renderings.js';
import type { Attributed } from '../render/render-gadget.js';
import type { RequestLog } from '../web/answering.js';
import type { Log } from './log.js';

type Attributes = Readonly<Record<string, string | number>>;

/** What is asked every few seconds, and says nothing about a request of a person. */
const isProbe = (url: string): boolean => url === '/healthz' || url === '/readyz';

const failed = (span: Span): void => void span.setStatus({ code: SpanStatusCode.ERROR });

/** Version, trace, span and flags (W3C Trace Context §3.2); a later version may have more behind them. */
const PARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The span that a request's header names; none where it names it wrongly. */
const namedBy = ({ headers }: IncomingMessage): Context => {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    PARENT.exec(String(headers.traceparent ?? '')) ?? [];
  const named = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  const isWrong = !isSpanContextValid(named) || (version === '00' && more !== undefined);
  return isWrong ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, named);
};

/**
 * Spans of requests, and within them of renderings, calls of providers, refreshes and the database. Attributes are names from the
 * configuration, route patterns and outcomes: no viewer, no address, no token. Nothing of a trace is sent to a provider, and one is
 * continued only from a proxy, where that is configured. It is loaded only where traces are configured.
 */
export class Tracing implements MeterWatch {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;
  readonly #active = new AsyncLocalStorage<Span>();

  constructor({ endpoint, headers, sample }: NonNullable<Config['traces']>, version: string) {
    const given = Object.entries(headers).map(([name, secret]) => [name, secret.reveal()] as const);
    const exporter = new OTLPTraceExporter({
      ...(endpoint !== null && { url: endpoint }),
      ...(given.length > 0 && { headers: Object.fromEntries(given) }),
    });
    this.#provider = new BasicTracerProvider({
      // What OTEL_RESOURCE_ATTRIBUTES says comes first.
      resource: resourceFromAttributes({ 'service.name': 'oriel', 'service.version': version }).merge(
        withoutUnknownService(defaultResource()),
      ),
      ...(sample !== null && {
        sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sample) }),
      }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.#tracer = this.#provider.getTracer('oriel', version);
  }

  /** The same handler, each of whose requests is a trace, or goes on with that of a request that `isTrusted` to name it. */
  tracingRequests(
    handle: RequestListener,
    isTrusted: (request: IncomingMessage) => boolean,
  ): RequestListener {
    return (request, response) => {
      if (isProbe(request.url ?? '')) return handle(request, response);
      const before = isTrusted(request) ? namedBy(request) : ROOT_CONTEXT;
      const span = this.#tracer.startSpan('request', { kind: SpanKind.SERVER }, before);
      response.once('close', () => span.end());
      this.#active.run(span, () => handle(request, response));
    };
  }

  /** The same log: its one line of a request says what the request's span is called. */
  naming(log: Log): Log {
    const { requests } = log;
    const request: RequestLog['request'] = (line, fields, level) => {
      const span = this.#active.getStore();
      if (span !== undefined) {
        const { method, requestId, route, status } = line;
        span.updateName(`${method} ${route}`);
        span.setAttributes({
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
          'oriel.request_id': requestId,
        });
        if (status >= 500) failed(span);
      }
      requests.request(line, fields, level);
    };
    return { ...log, requests: { request, bug: (requestId, error) => requests.bug(requestId, error) } };
  }

  /** A span around `work`, within whatever it is called in. */
  async within<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    const span = this.#tracer.startSpan(name, { attributes: { ...attributes } }, this.#parent());
    try {
      return await this.#active.run(span, work);
    } catch (error) {
      failed(span);
      throw error;
    } finally {
      span.end();
    }
  }

  called(provider: string, outcome: CallOutcome, ms: number, status: number | null = null): void {
    const attributes = { 'oriel.provider': provider, 'oriel.outcome': outcome };
    const answered = status === null ? {} : { 'http.response.status_code': status };
    const isFailure = outcome === 'down' || outcome === 'unusable';
    this.#past('call provider', ms, { ...attributes, ...answered }, SpanKind.CLIENT, isFailure);
  }

  renewed(provider: string, outcome: 'ok' | 'failed', ms: number): void {
    const attributes = { 'oriel.provider': provider, 'oriel.outcome': outcome };
    this.#past('refresh tokens', ms, attributes, SpanKind.CLIENT, outcome === 'failed');
  }

  /** Upkeep asks the database all the time: only what a request waits for is of interest. */
  queried(kind: 'reading' | 'writing', ms: number): void {
    if (this.#active.getStore() !== undefined) this.#past(`database ${kind}`, ms, {}, SpanKind.CLIENT, false);
  }

  answered(): void {}

  made(): void {}

  audited(): void {}

  databaseFailed(code: string): void {
    this.#active.getStore()?.setAttribute('oriel.database_error', code);
  }

  /** Sends what waits, and ends. */
  async close(): Promise<void> {
    await this.#provider.shutdown().catch(() => undefined);
  }

  #parent() {
    const active = this.#active.getStore();
    return active === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, active);
  }

  /** A span of what is over, and took so many ms. */
  #past(name: string, ms: number, attributes: Attributes, kind: SpanKind, isFailure: boolean): void {
    const now = Date.now();
    const options = { kind, attributes: { ...attributes }, startTime: now - Math.max(0, ms) };
    const span = this.#tracer.startSpan(name, options, this.#parent());
    if (isFailure) failed(span);
    span.end(now);
  }
}

/** The SDK's own resource, without the name it makes up where none is set. */
const withoutUnknownService = (resource: ReturnType<typeof defaultResource>) =>
  resourceFromAttributes(
    Object.fromEntries(
      Object.entries(resource.attributes).filter(
        ([name, value]) => name !== 'service.name' || !String(value).startsWith('unknown_service'),
      ),
    ),
  );

/** As `FrameRenderings`; each rendering that is made is a span. */
export class TracedRenderings extends FrameRenderings {
  readonly #tracing: Tracing;

  constructor(tracing: Tracing, ...given: ConstructorParameters<typeof FrameRenderings>) {
    super(...given);
    this.#tracing = tracing;
  }

  protected override render(request: RenderRequest): Promise<Attributed> {
    const attributes = { 'oriel.gadget': request.gadget.id };
    return this.#tracing.within('render', attributes, () => super.render(request));
  }
}
