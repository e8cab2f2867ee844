import { buildConnector } from 'undici';
import type { Judge } from './address-judge.js';
import { AddressRefused } from './address-refused.js';
import { tunnel } from './tunnel.js';

/**
 * Connects for undici through a guard, which looks three times: at the URL, at what its name resolves to, and, whatever the two
 * let through, at the address that was reached. Through a proxy, which resolves the name, it looks at the URL alone. `timeout` in
 * milliseconds.
 */
export const guardedConnector = (guarded: Judge, timeout: number): buildConnector.connector => {
  const { lookup, secureContext } = guarded;
  const connect = buildConnector({
    lookup,
    timeout,
    allowH2: false,
    ...(secureContext !== undefined && { secureContext }),
  });
  return (options, callback) => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    if (guarded.refuses(url)) {
      return callback(new AddressRefused(options.hostname), null);
    }
    const through = guarded.proxyFor(url);
    if (through !== null) {
      tunnel(through, url, timeout).then(
        (httpSocket) => connect({ ...options, httpSocket }, callback),
        (error: Error) => callback(error, null),
      );
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (guarded.admits(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(options.hostname), null);
    });
  };
};
