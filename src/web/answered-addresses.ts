import type Router from '@koa/router';

/** One address that is answered. */
export interface Address {
  readonly origin: 'gadget' | 'site';
  readonly method: string;
  /** As the router takes it, with `:name` for parameters. */
  readonly path: string;
}

/** Everything an origin's routers answer, for who wants to look at it as a whole. HEAD goes with GET. */
export const addressesOf = (origin: Address['origin'], ...routers: readonly Router[]): readonly Address[] =>
  routers
    .flatMap(({ stack }) => stack)
    .flatMap(({ methods, path }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => ({ origin, method, path: String(path) })),
    );
