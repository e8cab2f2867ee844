import * as z from 'zod';
import { described, text, whole } from '../domain/zod-types.js';

/** Bits of a mode, as octal digits. */
const MODE = /^0?[0-7]{3}$/;

/** Attached as by `defaulted`, but it stays known whether the value was written. */
const optional = <T extends z.ZodType>(schema: T, description: string, fallback: unknown) =>
  schema.meta({ description, example: fallback, fallback }).exactOptional();

/** Where nothing else is written: of the server, and of its metrics. */
export const PORTS = { server: 3000, metrics: 9464 } as const;
const HOST = '127.0.0.1';
const MODE_OF_SOCKET = '660';

/** Where to listen: an address and a port, of which `port` is the default, or a Unix socket. */
export const listenSchema = (port: number) =>
  z
    .strictObject({
      host: optional(
        text((value) => (/^[A-Za-z0-9.:_-]{1,253}$/.test(value) ? null : 'this is no address or name')),
        'The address to listen on',
        HOST,
      ),
      port: optional(whole(0, 65_535), 'The port to listen on, 0 to 65535', port),
      socket: described(
        // What the kernel takes, with the end of the text (unix(7)).
        text((value) => (/^[^\0]{1,107}$/.test(value) ? null : 'this is no path of at most 107 bytes')),
        'A Unix socket to listen on in place of host and port, relative to this file',
        '/run/oriel/oriel.sock',
      ).exactOptional(),
      mode: optional(
        text((value) => (MODE.test(value) ? null : 'these are not three octal digits')),
        'Who may connect to the socket, as octal digits in quotes; what they write in X-Forwarded-For is believed',
        MODE_OF_SOCKET,
      ),
    })
    .superRefine((entry, context) => {
      const refuse = (name: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [name], message });
      if (entry.socket === undefined) {
        if (entry.mode !== undefined)
          refuse('mode', 'there is no `socket` that this is the mode of: remove this, or add `socket`');
        return;
      }
      // A person who wrote both would wait for connections at an address where no one listens.
      for (const name of ['host', 'port'] as const)
        if (entry[name] !== undefined)
          refuse(name, 'the server listens on `socket` alone: remove this, or remove `socket`');
    });

/** The entry as the server takes it, `port` the default: the socket's path absolute, its mode a number. */
export const listenOn = (
  entry: z.output<ReturnType<typeof listenSchema>>,
  port: number,
  absolute: (path: string) => string,
) => ({
  host: entry.host ?? HOST,
  port: entry.port ?? port,
  socket:
    entry.socket === undefined
      ? null
      : { path: absolute(entry.socket), mode: Number.parseInt(entry.mode ?? MODE_OF_SOCKET, 8) },
});
