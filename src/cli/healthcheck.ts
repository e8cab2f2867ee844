import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Config, ListenOn } from '../config/config.js';
import { readConfigBesideStore } from '../config/read-config.js';
import { type CommandLine, running, withJson } from './command.js';

/** A server that takes longer does not serve, ms. */
const PATIENCE = 5000;

/** An address that stands for all of a machine is asked on loopback. */
const reached = ({ host, port, socket }: ListenOn) =>
  socket === null
    ? { host: { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host, port }
    : { socketPath: socket.path };

const ask = ({ listen, siteOrigin }: Config, path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { host: new URL(siteOrigin).host };
    const asked = request({ ...reached(listen), path, headers, timeout: PATIENCE }, resolve);
    asked
      .on('error', reject)
      .on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    asked.end();
  });

/** `oriel healthcheck`: whether the server of this configuration can serve, by its exit code, for service managers and containers. */
export const healthcheckCommand = ({ oriel }: CommandLine): void => {
  withJson(oriel.command('healthcheck'))
    .description('ask the server on this machine whether it can serve; exits with 1 if not')
    .option('--alive', 'only whether its process runs')
    .action(
      running(
        async (
          file,
          { alive = false, json = false }: { readonly alive?: boolean; readonly json?: boolean },
        ) => {
          const path = alive ? '/healthz' : '/readyz';
          const answer = await ask(readConfigBesideStore(file), path).catch((error: unknown) => {
            throw new Error(
              `The server can’t be reached: ${error instanceof Error ? error.message : 'unknown'}.`,
            );
          });
          const health = JSON.parse(await text(answer)) as {
            readonly status: string;
            readonly code?: string;
          };
          if (answer.statusCode !== 200) process.exitCode = 1;
          console.log(
            json ? JSON.stringify(health) : [health.status, health.code].filter(Boolean).join(': '),
          );
        },
      ),
    );
};
