import { connect } from 'node:net';
import type { Answer } from './http-viewer.js';

/** A request as no browser would send it; the `Host` header is whatever `headers` say. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Writes this text to a port of this machine and returns all that came back, also from a server that hangs up while it is still being
 * written to. Hangs up itself after `ms` of silence, or once one answer is whole.
 */
export const writeRaw = (port: number, text: string, ms: number): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      const { headers, text: body } = readAnswer(answer);
      if (headers['content-length'] === String(Buffer.byteLength(body))) socket.destroy();
    });
    socket.setTimeout(ms, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });

/** An answer out of the text of one; a status of 0 when there was none. */
export const readAnswer = (text: string): Answer => {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]);
  return {
    status: Number(status.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    text: body.join('\r\n\r\n'),
  };
};

/** Sends one request. */
export const sendRaw = async (
  port: number,
  { method, path, headers, body = '' }: RawRequest,
): Promise<Answer> => {
  const all = { ...headers, 'content-length': String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return readAnswer(
    await writeRaw(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 10_000),
  );
};
