import { type ClientRequest, type IncomingMessage, request as inClear } from 'node:http';
import { request as overTls } from 'node:https';
import type { Socket } from 'node:net';
import type { OutgoingProxy, ProxyCode } from './proxy.js';
import { USER_AGENT } from './user-agent.js';

/** The proxy did not lead to where we wanted to go. Says nothing that it wrote, and never its user or password. */
export class ProxyFailure extends Error {
  readonly code: ProxyCode;

  constructor(code: ProxyCode, { origin }: Pick<OutgoingProxy, 'origin'>) {
    super(`the proxy ${origin} does not lead there (${code})`);
    this.name = 'ProxyFailure';
    this.code = code;
  }
}

const codeOf = (error: Error): ProxyCode => {
  const code = 'code' in error ? String(error.code) : '';
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) return 'proxy-certificate';
  return /^(?:HPE_|EPROTO|ERR_SSL)/.test(code) ? 'proxy-unusable' : 'proxy-unreachable';
};

const asked = (proxy: OutgoingProxy, target: string): ClientRequest => {
  const { protocol, hostname, port } = new URL(proxy.origin);
  return (protocol === 'https:' ? overTls : inClear)({
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    path: target,
    agent: false,
    headers: {
      host: target,
      'user-agent': USER_AGENT,
      ...(proxy.authorization !== null && { 'proxy-authorization': proxy.authorization.reveal() }),
    },
  });
};

/**
 * A connection through a proxy (RFC 9110 §9.3.6) to the server of an https URL, for one caller alone. Rejects with `ProxyFailure`;
 * `timeLimit` is in milliseconds.
 */
export const tunnel = (proxy: OutgoingProxy, url: URL, timeLimit: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const request = asked(proxy, `${url.hostname}:${url.port || '443'}`);
    const fail = (code: ProxyCode): void => {
      clearTimeout(timer);
      reject(new ProxyFailure(code, proxy));
      request.destroy();
    };
    const timer = setTimeout(() => fail('proxy-unreachable'), timeLimit);
    request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
      clearTimeout(timer);
      // A server is silent until TLS begins: who speaks before that is not the server.
      if (statusCode >= 200 && statusCode < 300 && head.length === 0) return resolve(socket);
      socket.destroy();
      fail(head.length === 0 || statusCode >= 300 ? `proxy-refused-${statusCode}` : 'proxy-unusable');
    });
    request.once('response', () => fail('proxy-unusable'));
    request.on('error', (error) => fail(codeOf(error)));
    request.end();
  });
