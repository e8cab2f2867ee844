import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, writeRaw } from '../support/raw-http.js';
import { CARDS, expectRefusal, frame, startVictim, type Victim } from './bad-requests.js';

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim.whole.close());

const head = (line: string, headers: readonly string[] = []): string => {
  const { gadgetOrigin } = victim.whole;
  return [line, `Host: ${new URL(gadgetOrigin).host}`, ...headers, '', ''].join('\r\n');
};
const form = (length: number): string =>
  head(`POST ${CARDS} HTTP/1.1`, [
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${length}`,
  ]);

describe('what is not HTTP, and what is cut off', () => {
  it.each([
    ['broken HTTP', () => 'GET\r\n\r\n', 400],
    ['a request without Host', () => 'GET /connect HTTP/1.1\r\n\r\n', 400],
    [
      'two different lengths',
      () => `${form(5).replace('Content-Type', 'Content-Length: 6\r\nContent-Type')}token`,
      400,
    ],
    [
      'a length beside chunks',
      () => `${form(5).replace('Content-Type', 'Transfer-Encoding: chunked\r\nContent-Type')}0\r\n\r\n`,
      400,
    ],
    ['a NUL byte in the path', () => head('GET /connect\0 HTTP/1.1'), 400],
    ['headers of 100 kB', () => head('GET /connect HTTP/1.1', [`X-Long: ${'a'.repeat(100_000)}`]), 431],
    ['a target that names another server', () => head('GET http://evil.example/connect HTTP/1.1'), 421],
  ])('%s gets a 4xx and no stack', async (_, text, status) => {
    const answer = readAnswer(await writeRaw(victim.port, text(), 1500));
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/\bat .*(\.[jt]s:\d+|node:)/);
  });

  it('requests that end in the middle do no harm, and leave no bug in the log', async () => {
    const cut = [
      'POST /h/go',
      form(5000).slice(0, -2),
      `${form(5000)}token=`,
      `${head('GET /frame/content HTTP/1.1')}`,
    ];
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => writeRaw(victim.port, cut[index % 4] ?? '', 100)),
    );
    await expectRefusal(victim, frame('GET', '/frame/flows/x', '', {}), 404, 'flow_unknown');
    const log = await victim.whole.stop();
    expect(log).toContain('"route"');
    expect(log).not.toMatch(/"event":"bug"|"status":5|Error:/);
  });
});
