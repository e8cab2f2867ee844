import { createRequire } from 'node:module';

interface Debug {
  enabled(name: string): boolean;
  enable(names: string): void;
  readonly namespaces?: string;
}

/**
 * simple-oauth2 writes client secrets, codes and tokens to standard error when the environment's DEBUG names it, as DEBUG=* does.
 * This takes it off that list, and leaves everybody else on it.
 */
export const silence = (): void => {
  const own = createRequire(import.meta.url);
  const debug: Debug = createRequire(own.resolve('simple-oauth2'))('debug');
  if (!debug.enabled('simple-oauth2:client')) return;
  debug.enable(`${debug.namespaces ?? ''},-simple-oauth2,-simple-oauth2:*`);
};
