import { type DestinationStream, destination, pino } from 'pino';
import type { Journal } from '../domain/system.js';
import type { RequestLine, RequestLog } from '../web/answering.js';

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
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
};

/** Lines are written together after so many ms, or once there are so many bytes of them: a write for each costs more than the line. */
const LONGEST_WAIT = 20;
const BATCH = 16_000;

/** Standard output in batches; what waits when the process ends by itself is written then. */
const standardOutput = (): DestinationStream & { flush(done: () => void): void } => {
  const out = destination({ dest: 1, sync: false, minLength: BATCH });
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
