import * as z from 'zod';
import { defaulted, described, text, whole } from '../domain/zod-types.js';

/** Bits of a mode, as octal digits. */
const MODE = /^0?[0-7]{3}$/;

/** Where to listen: an address and a port, of which `port` is the default, or a Unix socket. */
export const listenSchema = (port: number) =>
  z.strictObject({
    host: defaulted(
      text((value) => (/^[A-Za-z0-9.:_-]{1,253}$/.test(value) ? null : 'this is no address or name')),
      'The address to listen on',
      '127.0.0.1',
    ),
    port: defaulted(whole(0, 65_535), 'The port to listen on, 0 to 65535', port),
    socket: described(
      // What the kernel takes, with the end of the text (unix(7)).
      text((value) => (/^[^\0]{1,107}$/.test(value) ? null : 'this is no path of at most 107 bytes')),
      'A Unix socket to listen on in place of host and port, relative to this file',
      '/run/oriel/oriel.sock',
    ).exactOptional(),
    mode: defaulted(
      text((value) => (MODE.test(value) ? null : 'these are not three octal digits')),
      'Who may connect to the socket, as octal digits in quotes; what they write in X-Forwarded-For is believed',
      '660',
    ),
  });

/** The entry as the server takes it: the socket's path absolute, its mode a number. */
export const listenOn = (
  { host, port, socket, mode }: z.output<ReturnType<typeof listenSchema>>,
  absolute: (path: string) => string,
) => ({
  host,
  port,
  socket: socket === undefined ? null : { path: absolute(socket), mode: Number.parseInt(mode, 8) },
});
