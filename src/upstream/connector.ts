import { buildConnector } from 'undici';
import { AddressRefused, type Guard } from './guard.js';

/**
 * Connects for undici through a guard, which looks three times: at the URL, at what its name resolves to, and, whatever the two
 * let through, at the address that was reached. `timeout` in milliseconds.
 */
export const guardedConnector = (guarded: Guard, timeout: number): buildConnector.connector => {
  const { lookup, secureContext } = guarded;
  const connect = buildConnector({
    lookup,
    timeout,
    allowH2: false,
    ...(secureContext !== undefined && { secureContext }),
  });
  return (options, callback) => {
    if (guarded.refuses(new URL(`${options.protocol}//${options.host ?? options.hostname}`))) {
      return callback(new AddressRefused(options.hostname), null);
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (guarded.admits(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(options.hostname), null);
    });
  };
};
