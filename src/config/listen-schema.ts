import * as z from 'zod';
import { defaulted, text, whole } from '../domain/zod-types.js';

/** An address and a port to listen on; `port` is the default. */
export const listenSchema = (port: number) =>
  z.strictObject({
    host: defaulted(
      text((value) => (/^[A-Za-z0-9.:_-]{1,253}$/.test(value) ? null : 'this is no address or name')),
      'The address to listen on',
      '127.0.0.1',
    ),
    port: defaulted(whole(0, 65_535), 'The port to listen on, 0 to 65535', port),
  });
