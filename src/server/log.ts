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

/** The time as JSON lines say it. Made anew once a millisecond, not once a line. */
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

/** Most bytes that wait for the end of a turn of the event loop. */
const BATCH = 64 * 1024;

/** Standard output, written once for all lines of a turn of the event loop: a write for each line costs more than the line. */
const standardOutput = (): DestinationStream & { flush(done: () => void): void } => {
  const out = destination({ dest: 1, sync: false, minLength: BATCH });
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    out.flush();
  };
  return {
    write(line) {
      out.write(line);
      if (isDue) return;
      isDue = true;
      setImmediate(flush);
    },
    flush: (done) => out.flush(done),
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
      bug: (requestId, error) => logger.error({ event: 'bug', requestId, error: describe(error) }),
    },
    info: (message, fields) => logger.info(fields, message),
    setLevel(next) {
      logger.level = next;
    },
    flush: () => logger.flush(),
  };
};
