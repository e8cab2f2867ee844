/** What a run looks for. The names are stable: reports and pipelines may go by them. */
export const CHECKS = {
  'shown-to-another': 'No one is shown what a provider answered to another person',
  'shown-after-end': 'Nothing of an ended connection is shown',
  'key-incomplete': 'The answer follows everything that it depends on',
  cacheable: 'No answer to a frame may be kept by a proxy or browser',
  'etag-shared': 'An ETag stands for one person’s bytes alone',
  'nothing-shown': 'The gadget shows its viewer their own data',
  logged: 'No log has anything of what providers answered, and no secret',
  audited: 'The audit log has nothing of what providers answered, and no secret',
  stored: 'The database has nothing of what providers answered, and no secret in clear',
  faults: 'The server reports no bug, and the run comes to its end',
} as const;

export type Check = keyof typeof CHECKS;

/** The checks that are about one gadget; the others are about the server as a whole. */
export const OF_GADGETS = [
  'shown-to-another',
  'shown-after-end',
  'key-incomplete',
  'cacheable',
  'etag-shared',
  'nothing-shown',
] as const satisfies readonly Check[];

export const OF_SERVER = ['logged', 'audited', 'stored', 'faults'] as const satisfies readonly Check[];

/** Something that must not be. */
export interface Finding {
  readonly check: Check;
  /** The gadget's id; null where it is about no single one. */
  readonly gadget: string | null;
  /** What happened, as a sentence; the same for the same thing. */
  readonly what: string;
}

/** Findings, each once with how often it was met. */
export class Findings {
  readonly #times = new Map<string, { readonly finding: Finding; times: number }>();

  add(finding: Finding): void {
    const key = JSON.stringify(finding);
    const known = this.#times.get(key) ?? { finding, times: 0 };
    known.times += 1;
    this.#times.set(key, known);
  }

  all(): readonly (Finding & { readonly times: number })[] {
    return [...this.#times.values()].map(({ finding, times }) => ({ ...finding, times }));
  }
}

/** What was seen of one gadget: how far the run proves anything about it. */
export interface Seen {
  readonly gadget: string;
  /** Answers in which its viewers saw their own data, or, live, something that is theirs alone. */
  readonly shown: number;
  /** Requests of it whose answers were on a screen, out of how many. */
  readonly requests: { readonly shown: readonly string[]; readonly all: readonly string[] };
  /** What was changed, and whether the answer was another then. */
  readonly inputs: readonly { readonly input: string; readonly isVisible: boolean }[];
  /** States that were met. */
  readonly states: readonly string[];
}

/** What a run came to. */
export interface Verdict {
  readonly mode: 'recorded' | 'live';
  readonly seed: number;
  readonly people: readonly string[];
  /** Answers of Oriel that were looked through. */
  readonly answers: number;
  readonly seconds: number;
  readonly gadgets: readonly Seen[];
  readonly findings: readonly (Finding & { readonly times: number })[];
  /** What was not looked at, and why, as sentences. */
  readonly notes: readonly string[];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

const seenText = ({ gadget, shown, requests, inputs }: Seen): string => {
  const visible = inputs.filter(({ isVisible }) => isVisible).map(({ input }) => input);
  const unseen = inputs.filter(({ isVisible }) => !isVisible).map(({ input }) => input);
  const asked =
    requests.all.length === 0
      ? ''
      : `, data of ${requests.shown.length} of ${count(requests.all.length, 'request')}`;
  return [
    `  ${gadget}: own data in ${count(shown, 'answer')}${asked}`,
    ...(inputs.length === 0 ? [] : [`    follows ${listed(visible)}`]),
    ...(unseen.length === 0 ? [] : [`    no difference to be seen: ${listed(unseen)}`]),
  ].join('\n');
};

/** A verdict for people. */
export const verdictText = (verdict: Verdict): string => {
  const { findings, gadgets, people, answers, seconds, seed, mode, notes } = verdict;
  const head = `Looked through ${count(answers, 'answer')} to ${people.join(', ')} in ${seconds.toFixed(1)} s (${mode}, seed ${seed}).`;
  const bad = findings.map(
    ({ check, gadget, what, times }) =>
      `${check}${gadget === null ? '' : ` ${gadget}`}: ${what}${times > 1 ? ` (${times} times)` : ''}`,
  );
  const verdictLine =
    findings.length === 0
      ? 'Nothing of one person reached another.'
      : `${count(findings.length, 'finding')}. Repeat this very run with --seed ${seed}.`;
  return [
    head,
    ...gadgets.map(seenText),
    ...notes.map((note) => `Note: ${note}`),
    '',
    ...bad,
    verdictLine,
  ].join('\n');
};

/** A verdict for programs. */
export const verdictJson = (verdict: Verdict): object => ({ ok: verdict.findings.length === 0, ...verdict });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const attribute = (text: string): string => text.replaceAll(/[&<>"]/g, (each) => ENTITIES[each] ?? '');

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly failures: readonly string[];
  readonly skipped: string | null;
}

const casesOf = ({ gadgets, findings, mode }: Verdict): readonly Case[] => {
  const failuresOf = (check: Check, gadget: string | null): readonly string[] =>
    findings
      .filter((each) => each.check === check && each.gadget === gadget)
      .map(({ what, times }) => (times > 1 ? `${what} (${times} times)` : what));
  const isUnproven = (gadget: string): boolean =>
    gadgets.some((seen) => seen.gadget === gadget && !seen.inputs.some(({ isVisible }) => isVisible));
  const named = findings.flatMap(({ gadget }) => gadget ?? []);
  const ofGadgets = [...new Set([...gadgets.map(({ gadget }) => gadget), ...named])].flatMap((gadget) =>
    OF_GADGETS.map((check) => ({
      suite: gadget,
      name: CHECKS[check],
      failures: failuresOf(check, gadget),
      skipped:
        check === 'key-incomplete' && isUnproven(gadget) ? 'nothing that was changed can be seen' : null,
    })),
  );
  const ofServer = (
    mode === 'recorded' ? [...OF_GADGETS, ...OF_SERVER] : [...OF_GADGETS, 'logged' as const]
  ).map((check) => ({
    suite: 'server',
    name: CHECKS[check],
    failures: failuresOf(check, null),
    skipped: null,
  }));
  return [...ofGadgets, ...ofServer];
};

const caseXml = ({ suite, name, failures, skipped }: Case): string => {
  const head = `    <testcase classname="${attribute(suite)}" name="${attribute(name)}"`;
  if (failures.length > 0)
    return `${head}>\n${failures.map((each) => `      <failure message="${attribute(each)}"/>`).join('\n')}\n    </testcase>`;
  return skipped === null
    ? `${head}/>`
    : `${head}>\n      <skipped message="${attribute(skipped)}"/>\n    </testcase>`;
};

/** A verdict as JUnit XML, which pipelines show: a suite for each gadget and one for the server. */
export const verdictJunit = (verdict: Verdict): string => {
  const cases = casesOf(verdict);
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((each) => each.suite === suite);
    const failed = own.filter(({ failures }) => failures.length > 0).length;
    const skipped = own.filter((each) => each.failures.length === 0 && each.skipped !== null).length;
    return `  <testsuite name="${attribute(suite)}" tests="${own.length}" failures="${failed}" skipped="${skipped}">\n${own.map(caseXml).join('\n')}\n  </testsuite>`;
  });
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="oriel verify, seed ${verdict.seed}" tests="${cases.length}" failures="${failed}" time="${verdict.seconds.toFixed(3)}">\n${suites.join('\n')}\n</testsuites>\n`;
};
