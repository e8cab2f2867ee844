import { type DestinationStream, destination, pino } from 'pino';
import { isoTime } from '../domain/iso-time.js';
import type { Journal } from '../domain/system.js';
import type { RequestLine, RequestLog } from '../web/answering.js';
import { isWorker } from './worker-process.js';

export interface Log {
  readonly journal: Journal;
  readonly requests: RequestLog;
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Writes nothing below this severity from now on. */
  setLevel(level: string): void;
  /** Writes what is still held back. */
  flush(): void;
}

const describe = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { name: typeof error };

const isProbe = ({ route }: RequestLine): boolean => route === '/healthz' || route === '/readyz';

/** The time as JSON lines say it. Made again once a millisecond, not once a line. */
const timestamps = (): (() => string) => {
  let made = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== made) {
      made = now;
      text = `,"time":"${isoTime(now)}"`;
    }
    return text;
  };
};

/** Lines are written together after so many ms, or once there are so many bytes of them: a write for each costs more than the line. */
const LONGEST_WAIT = 20;
const BATCH = 16_000;
/** Workers share a pipe, which keeps so many bytes together (PIPE_BUF, pipe(7)). */
const BATCH_OF_WORKER = 3_000;
/** So many bytes wait while standard output takes nothing, as on a full disk. Lines beyond that are lost. */
const MOST_WAITING = 1_000_000;

/**
 * Lets the process go on, and end, while `out` cannot be written, as on a full disk. Standard error says so once; once `out` can be written
 * again, a line says how many lines were lost.
 */
const goOnWithout = (out: ReturnType<typeof destination>): void => {
  let isFailing = false;
  let lost = 0;
  out.on('error', ({ message }: Error) => {
    // biome-ignore lint/suspicious/noConsole: the log itself can’t say it, and other than a stream the console tolerates a full disk too.
    if (!isFailing) console.error(`The log can’t be written (${message}). The server goes on without it.`);
    isFailing = true;
  });
  out.on('drop', () => {
    lost += 1;
  });
  out.on('write', () => {
    if (!isFailing) return;
    isFailing = false;
    const line = { level: 40, time: new Date().toISOString(), event: 'log-interrupted', lost };
    lost = 0;
    out.write(`${JSON.stringify(line)}\n`);
  });
  // At the end of the process the library tries until what waits is written, for ever if need be.
  process.prependListener('exit', () => {
    if (isFailing) out.destroy();
  });
};

/**
 * Standard output in batches; what waits when the process ends by itself is written then. Where it cannot be written the server goes on
 * without its log, and the lines that wait are written as soon as they can be.
 */
const standardOutput = (): DestinationStream & { flush(done: () => void): void } => {
  const out = destination({
    dest: 1,
    sync: false,
    minLength: isWorker ? BATCH_OF_WORKER : BATCH,
    maxLength: MOST_WAITING,
  });
  goOnWithout(out);
  let timer: NodeJS.Timeout | undefined;
  const flush = (done?: () => void): void => {
    clearTimeout(timer);
    timer = undefined;
    out.flush(done);
  };
  return {
    write(line) {
      out.write(line);
      timer ??= setTimeout(flush, LONGEST_WAIT);
    },
    flush,
  };
};

/**
 * JSON lines on standard output. An error is written as name, message and stack only: libraries hang requests, with their
 * credentials, on the errors they throw.
 */
export const openLog = (level: string, stream: DestinationStream = standardOutput()): Log => {
  const logger = pino({ level, base: null, timestamp: timestamps() }, stream);
  return {
    journal: {
      note: (event, fields) => logger.info({ event, ...fields }),
      warn: (event, fields) => logger.warn({ event, ...fields }),
    },
    requests: {
      // Probes come every few seconds and say nothing that `/readyz` going red does not say by itself.
      request: (line, fields, level) => logger[isProbe(line) ? 'debug' : level](Object.assign(fields, line)),
      bug(requestId, error) {
        logger.error({ event: 'bug', requestId, error: describe(error) });
        // The cause may end the process next.
        logger.flush();
      },
    },
    info: (message, fields) => logger.info(fields, message),
    setLevel(next) {
      logger.level = next;
    },
    flush: () => logger.flush(),
  };
};
