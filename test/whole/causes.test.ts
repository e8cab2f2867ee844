import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { commandsIn } from '../cli/in-process.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

vi.setConfig({ testTimeout: 60_000 });

const paths = ['/api'];
const html = { status: 200, type: 'text/html', body: '<p>Signed out' };
const xml = { status: 200, type: 'application/xml', body: '<cards><card>' };
/** What goes wrong at the provider, what the viewer reads then, and the code of the cause. */
const CAUSES: readonly (readonly [command: object, state: string, code: string])[] = [
  [{ fault: { paths, status: 503 } }, 'provider-down', 'status-503'],
  [{ fault: { paths, status: 400, body: 'no such column' } }, 'misconfigured', 'status-400'],
  [{ fault: { paths, ...xml } }, 'misconfigured', 'xml-syntax at 13'],
  [{ fault: { paths, ...html } }, 'misconfigured', 'html'],
  [{ expire: 'ann', fault: { paths: ['/oauth/token'], status: 503 } }, 'provider-down', 'http-503'],
];

let whole: Whole;
beforeAll(async () => {
  whole = await startWhole({ config: { renderBudget: 10_000 } });
});
afterAll(() => whole?.close());

it('Whatever keeps a viewer from seeing their data is found by the request id on their page: in the log, in the audit log and among the refresh problems', async () => {
  const frame = httpFrame(whole);
  let limit = 1;
  /** A rendering that asks the provider, for none was like it before. */
  const launch = async () => {
    limit += 1;
    const form = cardsForm(await whole.token('ann'), { 'p.limit': String(limit) });
    const { text, headers } = await frame.launch('gocd', 'mingle-cards', form);
    return { ...frameData(text), text, requestId: String(headers['x-request-id']) };
  };
  const { bearer } = await launch();
  expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');

  const found: { id: string; state: string; code: string }[] = [];
  for (const [command, state, code] of CAUSES) {
    await whole.tell(command);
    const shown = await launch();
    expect(shown.state).toBe(state);
    expect(shown.text).toContain(`<code id="oriel-request-id">${shown.requestId}</code>`);
    found.push({ id: shown.requestId, state, code });
    await whole.tell({ clear: null });
  }

  const run = commandsIn({ cwd: whole.folder });
  const { out: troubles } = await run('connection', 'trouble', '--config', 'oriel-0.yaml');
  const { out: audited } = await run('audit', 'list', '--json', '--config', 'oriel-0.yaml');
  const lines = (await whole.stop())
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
  for (const { id, state, code } of found) {
    expect(lines.find(({ requestId }) => requestId === id)).toMatchObject({
      state,
      code,
      provider: 'mingle',
    });
    expect(JSON.parse(audited).items).toContainEqual(
      expect.objectContaining({ action: 'gadget.failed', code, requestId: id, provider: 'mingle' }),
    );
    expect(troubles).toContain(`: ${code} (showing), request ${id}\n`);
  }
});
