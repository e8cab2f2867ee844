import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ListenOn } from '../config/config.js';
import type { AuditEvent } from '../domain/audit-event.js';
import type { AnswerSource, CallOutcome, Measured, MeterWatch } from '../domain/meter.js';
import { MISPLACED } from '../domain/misplaced.js';
import type { Journal } from '../domain/system.js';
import type { RequestLog } from '../web/answering.js';
import { HttpServer } from '../web/listening.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { isMessage, isWorker, type WorkerMessage } from './worker-process.js';

/** What is read at each scrape, so that nothing need be counted twice. */
export interface Monitored {
  readonly metrics: Pick<Metrics, 'totals' | 'watchedBy'>;
  /** Renderings that memory had ready. */
  readonly fromMemory: () => number;
  /** Gadgets that are left out or served as they were, because of mistakes. */
  readonly faultyGadgets: () => number;
  /** Whether a provider is declared, so that no label holds what a request made up. */
  readonly isProvider: (id: string) => boolean;
  /** Ids of what is declared now. */
  readonly providers: () => readonly string[];
  readonly gadgets: () => readonly string[];
}

/** Seconds. A rendering from memory takes under a millisecond, one that waits for a slow provider several seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const classOf = (status: number | null): string =>
  status === null ? 'none' : `${Math.floor(status / 100)}xx`;

/** Everything else a client sends as its method is one label. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const FLOW_ENDS: ReadonlySet<string> = new Set(['cancelled', 'expired', 'superseded']);
const FLOW_OUTCOMES = ['started', 'connected', 'failed', 'refused', 'ended', ...FLOW_ENDS];

const REFRESH_OUTCOMES = ['ok', 'failed'];

const SOURCES: readonly AnswerSource[] = ['cache', 'joined', 'provider', 'stale'];

/** What calls usually come to. */
const CALLS: readonly (readonly [CallOutcome, string])[] = [
  ['ok', '2xx'],
  ['not-modified', '3xx'],
  ['refused', '4xx'],
  ['rate-limited', '4xx'],
  ['down', '5xx'],
  ['down', 'none'],
  ['unusable', '2xx'],
];

/** What of the log an alert waits for. */
const EVENTS = [
  { event: 'bug', level: 'error' },
  { event: 'client-stopped', level: 'warn' },
  { event: 'audit-not-written', level: 'warn' },
];

const pairs = (some: readonly string[], others: readonly string[]): readonly (readonly [string, string])[] =>
  some.flatMap((one) => others.map((other) => [one, other] as const));

/** How a consent went on, out of what the audit log says of it; null for everything else. */
const flowOutcome = ({ action, outcome, code = '' }: Parameters<MeterWatch['audited']>[0]): string | null => {
  if (action === 'flow.started') return 'started';
  if (action === 'flow.finished') return 'connected';
  if (action === 'flow.refused') return outcome === 'failed' ? 'failed' : 'refused';
  if (action === 'flow.ended') return FLOW_ENDS.has(code) ? code : 'ended';
  return null;
};

/** Answers a request of Prometheus with what `metrics` gives. */
export const answerScrape = (
  { method, url }: IncomingMessage,
  response: ServerResponse,
  { contentType, metrics }: { readonly contentType: string; readonly metrics: () => Promise<string> },
): void => {
  response.setHeader('Cache-Control', 'no-store');
  if (url !== '/metrics') return void response.writeHead(404).end();
  if (method !== 'GET') return void response.writeHead(405, { Allow: 'GET' }).end();
  metrics().then(
    (text) => response.writeHead(200, { 'Content-Type': contentType }).end(text),
    () => response.writeHead(500).end(),
  );
};

/**
 * What Prometheus reads. Labels are names from the configuration, route patterns and words of our own: no viewer, no text that a host or
 * provider sends, no secret. It is loaded only where `metrics` is configured.
 */
export class Monitor implements MeterWatch {
  readonly #registry = new Registry();
  #isProvider: Monitored['isProvider'] = () => false;
  #providers: Monitored['providers'] = () => [];
  readonly #server = new HttpServer((request, response) =>
    answerScrape(request, response, {
      contentType: this.#registry.contentType,
      metrics: () => this.#withZeros().metrics(),
    }),
  );
  readonly #requests = this.#histogram('oriel_request_duration_seconds', 'How long requests took.', [
    'route',
    'method',
    'status',
  ]);
  readonly #launches = this.#histogram(
    'oriel_launch_duration_seconds',
    'How long launches took, until the frame has its page.',
    ['status'],
  );
  readonly #made = this.#histogram(
    'oriel_render_duration_seconds',
    'How long renderings took that memory did not have ready, waiting for providers included.',
    ['gadget'],
  );
  readonly #upstream = this.#histogram(
    'oriel_upstream_duration_seconds',
    'How long calls of a provider’s API took.',
    ['provider'],
  );
  readonly #calls = this.#counter(
    'oriel_upstream_calls_total',
    'Calls of a provider’s API, by what came of them and class of status.',
    ['provider', 'outcome', 'status'],
  );
  readonly #answers = this.#counter(
    'oriel_answers_total',
    'What renderings asked providers for, by where it came from: cache, joined, provider or stale.',
    ['provider', 'source'],
  );
  readonly #flows = this.#counter('oriel_flows_total', 'Consents, by how they went on.', [
    'provider',
    'outcome',
  ]);
  readonly #audited = this.#counter('oriel_audit_events_total', 'What went to the audit log.', [
    'action',
    'outcome',
  ]);
  readonly #statements = this.#histogram(
    'oriel_database_duration_seconds',
    'How long the database took, waiting for its turn included.',
    ['kind'],
  );
  readonly #database = this.#counter(
    'oriel_database_errors_total',
    'Statements that failed because the database could not be used.',
    ['code'],
  );
  readonly #events = this.#counter('oriel_log_events_total', 'Lines of the log that have an event.', [
    'event',
    'level',
  ]);

  constructor(version: string) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    // Of several workers it is the slowest: an average would hide one that hangs.
    Object.assign(this.#registry.getSingleMetric('nodejs_eventloop_lag_p99_seconds') ?? {}, {
      aggregator: 'max',
    });
    new Gauge({
      ...{ name: 'oriel_build_info', help: 'Always 1; the labels say what runs.', registers },
      labelNames: ['version', 'node'],
      aggregator: 'first',
    }).set({ version, node: process.version }, 1);
  }

  /** Counts for this server from now on. */
  watch({ faultyGadgets, fromMemory, gadgets, isProvider, metrics, providers }: Monitored): void {
    const registers = [this.#registry];
    this.#isProvider = isProvider;
    this.#providers = providers;
    new Gauge({
      ...{ name: 'oriel_gadgets_faulty', help: 'Gadgets with mistakes.', registers },
      // Every worker has the same gadgets.
      aggregator: 'max',
      collect() {
        this.set(faultyGadgets());
      },
    });
    new Counter({
      ...{ name: 'oriel_renderings_from_memory_total', help: 'Renderings that memory had ready.', registers },
      collect() {
        this.reset();
        this.inc(fromMemory());
      },
    });
    this.#added(metrics, 'rendered', {
      ...{ name: 'oriel_renderings_total', help: 'Renderings shown, by state.' },
      labelNames: ['gadget', 'state'],
      zeros: () => pairs(gadgets(), ['misconfigured']),
    });
    this.#added(metrics, 'refreshed', {
      ...{ name: 'oriel_refreshes_total', help: 'Token refreshes, by what came of them.' },
      labelNames: ['provider', 'outcome'],
      zeros: () => pairs(providers(), REFRESH_OUTCOMES),
    });
    this.#added(metrics, 'misplaced', {
      name: 'oriel_misplaced_total',
      help: 'Times that something kept for one person came up for another, and was not used. More than 0 is a bug.',
      labelNames: ['what', 'outcome'],
      zeros: () => pairs(MISPLACED, ['refused']),
    });
    metrics.watchedBy(this);
  }

  called(provider: string, outcome: CallOutcome, ms: number, status: number | null = null): void {
    this.#calls.inc({ provider, outcome, status: classOf(status) });
    this.#upstream.observe({ provider }, ms / 1000);
  }

  answered(provider: string, source: AnswerSource): void {
    this.#answers.inc({ provider, source });
  }

  made(gadget: string, ms: number): void {
    this.#made.observe({ gadget }, ms / 1000);
  }

  audited(event: Pick<AuditEvent, 'action' | 'outcome' | 'provider' | 'code'>): void {
    const { action, outcome, provider } = event;
    this.#audited.inc({ action, outcome });
    const flow = flowOutcome(event);
    if (flow === null) return;
    const known = provider !== undefined && this.#isProvider(provider) ? provider : '';
    this.#flows.inc({ provider: known, outcome: flow });
  }

  /** Counted with the metrics that are kept. */
  renewed(): void {}

  queried(kind: 'reading' | 'writing', ms: number): void {
    this.#statements.observe({ kind }, ms / 1000);
  }

  databaseFailed(code: string): void {
    this.#database.inc({ code });
  }

  /** The same log, whose requests and events are counted. */
  counting(log: Log): Log {
    return {
      ...log,
      journal: this.#countingEvents(log.journal),
      requests: this.#countingRequests(log.requests),
    };
  }

  #countingRequests(log: RequestLog): RequestLog {
    return {
      request: (line, fields, level) => {
        const { route, method, status } = line;
        const seconds = line.ms / 1000;
        const known = METHODS.has(method) ? method : 'other';
        this.#requests.observe({ route, method: known, status: classOf(status) }, seconds);
        if (route === '/h/:host/g/:gadget' && method === 'POST')
          this.#launches.observe({ status: classOf(status) }, seconds);
        log.request(line, fields, level);
      },
      bug: (requestId, error) => {
        this.#events.inc({ event: 'bug', level: 'error' });
        log.bug(requestId, error);
      },
    };
  }

  #countingEvents(journal: Journal): Journal {
    return {
      note: (event, fields) => {
        this.#events.inc({ event, level: 'info' });
        journal.note(event, fields);
      },
      warn: (event, fields) => {
        this.#events.inc({ event, level: 'warn' });
        journal.warn(event, fields);
      },
    };
  }

  /** Listens; of a worker, the first process asks for what it counted. */
  async listen(on: ListenOn): Promise<void> {
    if (!isWorker) return void (await this.#server.listenOn(on));
    process.on('message', (message) => {
      if (isMessage(message, 'count')) void this.#report();
    });
  }

  /** A worker leaves what it counted to the first process, which adds it to what those after it count. */
  async close(): Promise<void> {
    if (isWorker) await this.#report();
    await this.#server.drain();
  }

  async #report(): Promise<void> {
    const message: WorkerMessage = { oriel: 'counted', counted: await this.#withZeros().getMetricsAsJSON() };
    if (!process.connected) return;
    // Where the first process is gone there is no one to add it up.
    await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<T extends string>(name: string, help: string, labelNames: readonly T[]): Histogram<T> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }

  /** Prometheus sees only what is added to an earlier sample: a series that came with its first event would hide that event. */
  #withZeros(): Registry {
    for (const labels of EVENTS) this.#events.inc(labels, 0);
    for (const provider of this.#providers()) {
      for (const outcome of FLOW_OUTCOMES) this.#flows.inc({ provider, outcome }, 0);
      for (const source of SOURCES) this.#answers.inc({ provider, source }, 0);
      for (const [outcome, status] of CALLS) this.#calls.inc({ provider, outcome, status }, 0);
    }
    return this.#registry;
  }

  /** A counter that is read from what is counted in any case. `zeros` are the series that it has before anything is. */
  #added(
    metrics: Pick<Metrics, 'totals'>,
    metric: Measured['metric'],
    {
      labelNames: [of, outcome],
      zeros,
      ...named
    }: {
      readonly name: string;
      readonly help: string;
      readonly labelNames: readonly [string, string];
      readonly zeros: () => readonly (readonly [string, string])[];
    },
  ): void {
    new Counter({
      ...{ ...named, labelNames: [of, outcome], registers: [this.#registry] },
      collect() {
        this.reset();
        for (const [one, other] of zeros()) this.inc({ [of]: one, [outcome]: other }, 0);
        for (const total of metrics.totals())
          if (total.metric === metric) this.inc({ [of]: total.of, [outcome]: total.outcome }, total.count);
      },
    });
  }
}
