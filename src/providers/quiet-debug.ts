import { createRequire } from 'node:module';

interface Debug {
  /** Turns everything off and returns what was on, in the notation of the `DEBUG` variable. */
  disable(): string;
  enable(namespaces: string): void;
}

/**
 * Keeps simple-oauth2 silent whatever `DEBUG` says: it would print client credentials, codes and refresh tokens. Other
 * packages' messages stay as they were.
 */
export const quietDebug = (): void => {
  const here = createRequire(import.meta.url);
  const debug: Debug = createRequire(here.resolve('simple-oauth2'))('debug');
  const namespaces = debug.disable();
  debug.enable([namespaces, '-simple-oauth2*'].filter(Boolean).join(','));
};
