import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Canaries, SeededRandom } from '../../src/cli/verify/canaries.js';
import type { Verdict } from '../../src/cli/verify/findings.js';
import { PlayedViewer } from '../../src/cli/verify/played-viewer.js';
import { RecordedAnswers, sampledGadget } from '../../src/cli/verify/recorded-answers.js';
import { verifyRecorded } from '../../src/cli/verify/recorded-run.js';
import { StubProvider } from '../../src/cli/verify/stub-provider.js';
import type { RecordedOptions } from '../../src/cli/verify/verified-stage.js';
import { declaredGadgets } from '../../src/config/declared-gadgets.js';
import { HOST_SECRET } from '../support/host-token.js';
import { bareRoot, createTestServer, ROOT } from '../support/test-server.js';
import { openFolder } from './command-line.js';
import { type Fact, FaultyProxy, type ProxyFault } from './faulty-proxy.js';
import { commandsIn } from './in-process.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 600_000 });

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: {} });
afterAll(() => folder.remove());

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
};

const answer = (data: unknown) => ({ data, fetchedAt: 0, stale: false, pages: 1, more: false });

const DEFINITION = `title: Board
description: Issues, and what may be said of them elsewhere.
parameters:
  project: { title: Project, type: identifier, required: true }
requests:
  issues:
    provider: tracker
    path: /projects/{project}/issues
    format: json
    ttl: 300
`;
const VIEW = `<p>{{ t("hello") }}</p>
{% for issue in answers.issues.data.items %}<p>{{ issue.title }}</p>{% endfor %}
`;
const ISSUES = answer({ items: [{ title: 'Fix #12 before noon' }, { title: 'See #13 too' }] });

write({
  'gadgets/board/gadget.yaml': `${DEFINITION}  builds:
    provider: ci
    given: { numbers: { from: issues, take: items.title, match: '#(\\d+)', atMost: 5, type: integer } }
    path: /builds
    query: { of: "{numbers}", zone: "{time-zone}" }
    format: xml
    ttl: 300
    required: false
`,
  'gadgets/board/view.njk': `${VIEW}{% for build in answers.builds.data.builds.build %}<p>{{ build.name }}</p>{% endfor %}
`,
  'gadgets/board/texts/en.yaml': 'hello: Hello\n',
  'gadgets/board/texts/de.yaml': 'hello: Guten Tag\n',
  'gadgets/board/sample.json': JSON.stringify({
    parameters: { project: 'apollo' },
    answers: {
      issues: ISSUES,
      builds: answer({ builds: { build: [{ name: 'Build one' }, { name: 'Build two' }] } }),
    },
  }),
});

// For faults that every answer has, or that a probe finds: others are met by chance, where enough happens before two providers.
write({
  'one/board/gadget.yaml': `${DEFINITION}    query: { zone: "{time-zone}" }
`,
  'one/board/view.njk': VIEW,
  'one/board/texts/en.yaml': 'hello: Hello\n',
  'one/board/texts/de.yaml': 'hello: Guten Tag\n',
  'one/board/sample.json': JSON.stringify({
    parameters: { project: 'apollo' },
    answers: { issues: ISSUES },
  }),
});

const BOARD: RecordedOptions = {
  root: bareRoot(),
  folders: [join(folder.path, 'gadgets')],
  only: new Set(['board']),
  people: ['ann', 'bob'],
  seed: 7,
  isQuick: true,
  place: null,
  logs: [],
};

const ONE: RecordedOptions = { ...BOARD, folders: [join(folder.path, 'one')] };

/** Faults that are found where people happen to follow one another. */
const BY_CHANCE: ReadonlySet<string> = new Set(['none', 'shared-etag', 'by-address', 'viewer', 'consents']);

const behind = async (fault: ProxyFault): Promise<Verdict> => {
  const proxy = await FaultyProxy.start(fault);
  try {
    const options = BY_CHANCE.has('without' in fault ? fault.without : fault.kind) ? BOARD : ONE;
    return await verifyRecorded({ ...options, place: proxy.place, logs: [proxy.log] });
  } finally {
    await proxy.close();
  }
};

const checksOf = ({ findings }: Verdict): readonly string[] => [
  ...new Set(findings.map(({ check }) => check)),
];
const sentencesOf = ({ findings }: Verdict): string => findings.map(({ what }) => what).join('\n');

describe('The permission-fidelity kit', () => {
  let bundled: Verdict;
  beforeAll(async () => {
    bundled = await verifyRecorded({
      ...BOARD,
      root: ROOT,
      folders: [],
      only: null,
      isQuick: false,
      seed: Date.now() % 1e9,
    });
  });

  it('finds nothing wrong with any bundled gadget', () => {
    expect(bundled.findings, `seed ${bundled.seed}`).toEqual([]);
    expect(bundled.gadgets.map(({ gadget }) => gadget).sort()).toEqual(readdirSync('gadgets').sort());
  });

  it('shows each of them to people who see their own data, and sees it follow what it depends on', () => {
    for (const { gadget, inputs, shown, states } of bundled.gadgets) {
      expect(shown, gadget).toBeGreaterThan(20);
      expect(states, gadget).toContain('content');
      const visible = inputs.filter(({ isVisible }) => isVisible).map(({ input }) => input);
      expect(visible, gadget).toEqual(
        expect.arrayContaining(['viewer', 'host', 'locale', 'provider record']),
      );
    }
    expect(bundled.notes).toEqual([]);
  });

  it('finds nothing wrong behind a proxy that passes everything on, and sees data go from one provider to another', async () => {
    const verdict = await behind({ kind: 'none' });
    expect(verdict.findings).toEqual([]);
    const [board] = verdict.gadgets;
    expect(board?.requests.shown).toEqual(['issues', 'builds']);
    expect(board?.inputs.filter(({ isVisible }) => isVisible).map(({ input }) => input)).toEqual([
      'viewer',
      'host',
      'parameter project',
      'locale',
      'time zone',
      'provider record',
    ]);
  });

  it.each<[ProxyFault['kind'], string, RegExp]>([
    ['public', 'cacheable', /Cache-Control is “public, max-age=60”/],
    ['ages', 'cacheable', /has an Age \(7\)/],
    ['shared-etag', 'etag-shared', /nothing has changed by an ETag of|stood for other bytes/],
    ['logs-answers', 'logged', /access\.log has what board-tracker answered to board\.issues/],
    ['by-address', 'shown-to-another', /was sent what board-tracker answered .* to board\.issues/],
  ])('finds the fault of a proxy that is “%s”, and nothing else', async (kind, check, sentence) => {
    const verdict = await behind({ kind } as ProxyFault);
    expect([...checksOf(verdict)].sort().join(', ')).toBe(check);
    expect(sentencesOf(verdict)).toMatch(sentence);
  });

  it.each<[Fact, string, RegExp]>([
    ['viewer', 'shown-to-another', /bob at verify-(one|two) was sent what .* answered ann at/],
    [
      'host',
      'shown-to-another',
      /at verify-two was sent what .* answered (ann|bob|the subject) at verify-one/,
    ],
    ['parameters', 'key-incomplete', /did not follow the parameter project/],
    ['locale', 'key-incomplete', /did not follow the locale/],
    ['time zone', 'key-incomplete', /did not follow the time zone/],
    ['provider record', 'key-incomplete', /did not follow the provider record/],
    ['consents', 'shown-after-end', /by a connection that had ended/],
  ])('finds a memory of answers whose key lacks the %s', async (without, check, sentence) => {
    const verdict = await behind({ kind: 'remembers-launches', without });
    expect(checksOf(verdict)).toContain(check);
    expect(sentencesOf(verdict)).toMatch(sentence);
  });

  it('lets each gadget have its own answers where several ask the same provider the same', async () => {
    write({
      'two/board/gadget.yaml': readFileSync(join(folder.path, 'gadgets/board/gadget.yaml'), 'utf8'),
      'two/board/view.njk':
        '{% for build in answers.builds.data.builds.build %}<p>{{ build.name }}</p>{% endfor %}\n',
      'two/board/sample.json': readFileSync(join(folder.path, 'gadgets/board/sample.json'), 'utf8'),
      'two/all/gadget.yaml': `title: All
description: Issues that name no build.
parameters:
  project: { title: Project, type: identifier, required: true }
requests:
  issues: { provider: tracker, path: "/projects/{project}/issues", format: json, ttl: 300 }
`,
      'two/all/view.njk':
        '{% for issue in answers.issues.data.items %}<p>{{ issue.title }}</p>{% endfor %}\n',
      'two/all/sample.json': JSON.stringify({
        parameters: { project: 'apollo' },
        answers: { issues: answer({ items: [{ title: 'Without any number' }] }) },
      }),
    });
    const only = new Set(['board', 'all']);
    const verdict = await verifyRecorded({ ...BOARD, only, folders: [join(folder.path, 'two')] });
    expect(verdict.findings).toEqual([]);
    expect(verdict.gadgets.find(({ gadget }) => gadget === 'board')?.requests.shown).toContain('builds');
  });

  it('finds nothing wrong with a gadget of two providers as `oriel gadget new` makes it', async () => {
    const made = await run(
      'gadget',
      'new',
      'pair',
      '--pattern',
      'two-providers',
      '--into',
      'made',
      '--title',
      'Pair',
      '--provider',
      'jira',
      '--second',
      'gitlab',
    );
    expect(made.code, made.err).toBe(0);
    const printed = await run('verify', 'made/pair', '--quick', '--json');
    const { findings, notes, gadgets } = JSON.parse(printed.out);
    expect({ findings, notes }).toEqual({ findings: [], notes: [] });
    expect(gadgets[0].requests.shown).toEqual(gadgets[0].requests.all);
  });

  it('says of a gadget that shows nothing of what was answered that nothing is proven', async () => {
    write({
      'mute/board/gadget.yaml': readFileSync(join(folder.path, 'gadgets/board/gadget.yaml'), 'utf8'),
      'mute/board/view.njk': '<p>{{ answers.issues.data.items.length }}</p>',
      'mute/board/sample.json': readFileSync(join(folder.path, 'gadgets/board/sample.json'), 'utf8'),
    });
    const verdict = await verifyRecorded({ ...BOARD, folders: [join(folder.path, 'mute')] });
    expect(checksOf(verdict)).toEqual(['nothing-shown']);
  });
});

/** A running server with two people who have connected, behind a proxy with this fault; and the file that names them. */
const live = async (fault: ProxyFault) => {
  write({
    'own/mine/gadget.yaml':
      'title: Mine\ndescription: Mine.\nrequests:\n  mine: { provider: tracker, path: /mine, format: json, ttl: 0 }\n',
    'own/mine/view.njk': '<p>{{ answers.mine.data.what }}</p>',
    'own/mine/sample.json': JSON.stringify({
      answers: { mine: answer({ what: 'Something of one person' }) },
    }),
  });
  const folders = [join(folder.path, 'own')];
  const { entries } = await declaredGadgets({ gadgets: folders }, ROOT);
  const mine = entries.filter(({ gadget }) => gadget.id === 'mine').map(sampledGadget);
  const canaries = new Canaries(new SeededRandom(1));
  const stub = await StubProvider.start(new RecordedAnswers(mine), canaries, new SeededRandom(2));
  const proxy = await FaultyProxy.start(fault);
  const host = { origins: ['http://localhost:8153'], key: { algorithm: 'HS256', secret: HOST_SECRET } };
  const server = await createTestServer(
    {
      gadgets: folders,
      hosts: { wiki: { ...host, gadgets: ['mine', 'mingle-cards'], providers: ['tracker', 'mingle'] } },
      providers: { tracker: stub.entry('tracker', 'one'), mingle: stub.entry('mingle', 'one') },
    },
    proxy.place,
  );
  const connect = async (sub: string): Promise<void> => {
    const around = { now: Date.now, moment: () => 0, hear: () => undefined };
    const key = { algorithm: 'HS256', secret: HOST_SECRET } as const;
    const viewer = new PlayedViewer({ host: 'wiki', sub }, { ...proxy.place, ...around, key });
    const page = { gadget: 'mine', parameters: {}, locale: 'en', timeZone: 'UTC' };
    await viewer.connect(await viewer.launch(page), 'tracker', stub.cookie(viewer.name));
  };
  await connect('ann');
  await connect('bob');
  write({
    'people.yaml':
      'people:\n  ann: { host: wiki, sub: ann }\n  bob: { host: wiki, sub: bob }\n  cyd: { host: wiki, sub: cyd }\n',
  });
  return {
    run: (...args: readonly string[]) => run('verify', '-c', server.file, '--live', 'people.yaml', ...args),
    async close(): Promise<void> {
      await server.close();
      await Promise.all([proxy.close(), stub.close()]);
    },
  };
};

describe('oriel verify --live', () => {
  const AS = ['--as', 'ann', '--as', 'bob'];

  it('finds nothing wrong with a running server, and says what it left out', async () => {
    const running = await live({ kind: 'none' });
    const printed = await running.run(...AS);
    const unconnected = await running.run();
    await running.close();
    expect(printed.err).toBe('');
    expect(printed.out).toContain('mine: own data in 20 answers');
    expect(printed.out).toContain('mingle-cards was left out: it needs the parameter project');
    expect(printed.out).toContain('Nothing of one person reached another.');
    expect(printed.code).toBe(0);
    expect(unconnected.out).toContain('cyd (cyd at wiki) is not connected to tracker');
    expect(unconnected.code).toBe(1);
  });

  it.each([
    ['by-address', 'shown-to-another mine: '],
    ['public', 'cacheable mine: '],
    ['shared-etag', 'etag-shared mine: '],
  ] as const)('finds the fault of a proxy that is “%s”', async (kind, finding) => {
    const running = await live({ kind });
    const printed = await running.run(...AS);
    await running.close();
    expect(printed.out).toContain(finding);
    expect(printed.out).not.toContain('Something of');
    expect(printed.code).toBe(1);
  });
});

describe('oriel verify', () => {
  it('prints a verdict, the same seed as JSON, and JUnit that pipelines read', async () => {
    const printed = await run(
      'verify',
      'gadgets',
      '--as',
      'cyd',
      '--as',
      'dan',
      '--seed',
      '4',
      '--junit',
      'out.xml',
    );
    expect(printed.err).toBe('');
    expect(printed.code).toBe(0);
    expect(printed.out).toMatch(/to cyd at verify-one, dan at verify-one, .* seed 4/);
    expect(printed.out).toContain('Nothing of one person reached another.');
    const junit = readFileSync(join(folder.path, 'out.xml'), 'utf8');
    expect(junit).toMatch(/<testsuites name="oriel verify, seed 4" tests="\d+" failures="0"/);
    expect(junit).toContain(
      '<testcase classname="board" name="No one is shown what a provider answered to another person"/>',
    );
  });

  it('verifies the bundled gadgets where their own folder is named', async () => {
    const bundled = join(ROOT, 'gadgets', 'mingle-cards');
    const { code, out } = await run('verify', bundled, '--quick', '--json');
    const { ok, gadgets } = JSON.parse(out) as { ok: boolean; gadgets: { gadget: string }[] };
    const shown = new Set(gadgets.map(({ gadget }) => gadget));
    expect({ code, ok, shown: [...shown] }).toEqual({ code: 0, ok: true, shown: ['mingle-cards'] });
  });

  it('ends with 1 and a failed case when something is wrong', async () => {
    write({ 'bad/board/gadget.yaml': 'title: [', 'bad/board/view.njk': '' });
    const printed = await run('verify', 'bad/board', '--json', '--junit', 'bad.xml');
    expect(printed.code).toBe(1);
    const { ok, findings } = JSON.parse(printed.out);
    expect(ok).toBe(false);
    expect(findings).toEqual([
      { check: 'nothing-shown', gadget: 'board', what: expect.stringContaining('has mistakes'), times: 1 },
    ]);
    expect(readFileSync(join(folder.path, 'bad.xml'), 'utf8')).toContain('<failure message="It has mistakes');
  });

  it('refuses a single person, and origins without a port', async () => {
    expect((await run('verify', 'gadgets', '--as', 'ann')).err).toContain('at least two people');
    expect((await run('verify', 'gadgets', '--port', '3000')).err).toContain('belong together');
  });
});
