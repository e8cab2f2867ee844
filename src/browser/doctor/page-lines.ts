import type { DoctorFacts } from './messages.js';
import type { PageFacts } from './page-facts.js';
import { forbids, type Governed } from './policy.js';
import { about, LET_FRAMES_IN, type Line } from './report.js';

const quoted = (items: readonly string[]): string => items.map((item) => `“${item}”`).join(', ');

const origin = about('origin', 'Origin and frame-ancestors');

/** Whether the host's record names this page, and every page around it: frame-ancestors asks them all. */
export const originLine = (page: PageFacts, facts: DoctorFacts | null, host: string): Line => {
  if (page.origin === 'null')
    return origin.wrong(
      'This page has no origin: a sandbox without allow-same-origin took it away.',
      'Add allow-same-origin to the sandbox around this page.',
    );
  if (facts === null)
    return origin.unchecked(
      'The doctor’s frame did not answer, so the server could not be asked.',
      LET_FRAMES_IN,
    );
  if (host === '') return origin.wrong('The element names no host.', 'Give it the attribute host.');
  if (facts.host === 'unknown')
    return origin.wrong(
      `The gadget server knows no host “${host}”.`,
      'Correct the attribute host, or register the host.',
    );
  if (facts.unregistered.includes(page.origin))
    return origin.wrong(
      `${page.origin} is not an origin of the host “${host}”.`,
      `Add ${page.origin} to hosts.${host}.origins.`,
    );
  if (facts.unregistered.length > 0)
    return origin.wrong(
      `This page is itself framed by ${quoted(facts.unregistered)}, which the host “${host}” does not name.`,
      `Add the origin to hosts.${host}.origins, or show this page in a window of its own.`,
    );
  return origin.good(`${page.origin} is registered for the host “${host}”.`);
};

/** A directive as a browser reported it, and as the policy itself reads. */
const policySubject = {
  'frame-src': about('frame-src', 'Content-Security-Policy: frame-src'),
  'form-action': about('form-action', 'Content-Security-Policy: form-action'),
} as const;

/** What the page's policies say of the gadget's address, and what the browser really blocked. */
export const policyLine = (
  governed: Governed,
  page: PageFacts,
  launchUrl: URL,
  blocked: ReadonlySet<string>,
): Line => {
  const subject = policySubject[governed];
  const mend = `Add ${launchUrl.origin} to ${governed}.`;
  if (blocked.has(governed))
    return subject.wrong(`The browser blocked ${launchUrl.origin} by ${governed}.`, mend);
  for (const policy of page.policies) {
    const directive = forbids(policy, governed, launchUrl, page.origin);
    if (directive !== null) return subject.wrong(`${directive} does not list ${launchUrl.origin}.`, mend);
  }
  if (page.headers === null)
    return subject.unchecked(
      'This page’s own headers could not be read; the browser has blocked nothing so far.',
      `Where they hold a policy with ${governed}, let it list ${launchUrl.origin}.`,
    );
  return subject.good(
    page.policies.length === 0 ? 'This page has no policy.' : 'Nothing keeps the gadget out.',
  );
};

const upgrade = about('upgrade', 'Content-Security-Policy: upgrade-insecure-requests');

/** On loopback without TLS: WebKit then asks for the gadget by https, where nothing answers, and leaves its frame empty. */
export const upgradeLine = (page: PageFacts, launchUrl: URL): Line => {
  const upgrades = page.policies.some((policy) => policy.has('upgrade-insecure-requests'));
  if (!upgrades || launchUrl.protocol === 'https:')
    return upgrade.good(upgrades ? 'It changes nothing: gadgets come by https.' : 'It is absent.');
  return upgrade.look(
    `It is there, and gadgets come by http: Safari and other WebKit browsers ask for ${launchUrl.origin} by https, and show an empty frame.`,
    'Leave upgrade-insecure-requests out while developing on loopback; helmet sends it by default.',
  );
};

const script = about('script-src', 'Content-Security-Policy: script-src');

/** That the doctor speaks at all is the proof. */
export const scriptLine = (): Line => script.good('embed.js and this doctor were loaded.');

const NEEDED = [
  'allow-scripts',
  'allow-same-origin',
  'allow-forms',
  'allow-popups',
  'allow-popups-to-escape-sandbox',
];

const sandbox = about('sandbox', 'Sandbox and allow');

export const sandboxLine = (page: PageFacts, facts: DoctorFacts | null): Line => {
  const missing = page.sandbox === null ? [] : NEEDED.filter((token) => !page.sandbox?.includes(token));
  if (missing.length > 0)
    return sandbox.wrong(
      `This page is in a sandbox without ${missing.join(', ')}; what is framed in it is bound by it too.`,
      `Add ${missing.join(' ')} to the sandbox around this page.`,
    );
  if (facts !== null && !facts.hasOrigin)
    return sandbox.wrong(
      'Frames in this page have no origin: a sandbox without allow-same-origin is around it.',
      `Give that sandbox ${NEEDED.join(' ')}.`,
    );
  if (page.isFramed && page.sandbox === null && page.ancestors.some((each) => each !== page.origin))
    return sandbox.unchecked(
      'This page is framed by another site, whose sandbox cannot be seen from here.',
      `If it has one, it must be: ${NEEDED.join(' ')}. Try the connect window below.`,
    );
  return sandbox.good(
    page.sandbox === null
      ? 'Neither this page nor its gadgets are sandboxed; gadgets need no permission in allow.'
      : 'The sandbox around this page has all that is needed.',
  );
};

/** What tells most of the header, whoever sends it. */
const TRY_WINDOW = 'Try the connect window below.';

const opener = about('opener', 'Cross-Origin-Opener-Policy');

export const openerLine = (page: PageFacts, facts: DoctorFacts | null): Line => {
  const policy = page.headers?.get('Cross-Origin-Opener-Policy')?.split(';')[0]?.trim() ?? null;
  const severs = page.isIsolated || policy?.startsWith('same-origin') === true;
  const absent = page.headers === null ? 'It could not be read.' : 'It is absent.';
  const said = policy === null ? absent : `It is ${policy}.`;
  if (facts?.mode !== undefined && facts.mode !== null && facts.mode !== 'opener')
    return opener.good(`${said} The connect mode “${facts.mode}” does not depend on it.`);
  if (severs && policy !== 'same-origin-allow-popups')
    return opener.wrong(
      `${said} Gadgets show, and nobody can connect: the connect window is cut off from the gadget.`,
      'Send same-origin-allow-popups instead, or give this host the connect mode code or reauth.',
    );
  if (page.isFramed)
    return opener.unchecked('This page is framed: the header of the outermost page counts.', TRY_WINDOW);
  if (page.headers === null)
    return opener.unchecked('This page’s own headers could not be read.', TRY_WINDOW);
  return opener.good(said);
};

const embedder = about('embedder', 'Cross-Origin-Embedder-Policy');

/** Gadgets send all that it asks for. */
export const embedderLine = (page: PageFacts): Line => {
  const policy = page.headers?.get('Cross-Origin-Embedder-Policy') ?? null;
  const isolated = page.isIsolated ? ' This page is cross-origin isolated.' : '';
  if (page.headers === null) return embedder.good(`Gadgets may be framed under any.${isolated}`);
  return embedder.good(
    `${policy === null ? 'It is absent.' : `It is ${policy}; gadgets may be framed under it.`}${isolated}`,
  );
};

const storage = about('storage', 'Storage partitioning');

export const storageLine = (facts: DoctorFacts | null): Line => {
  if (facts === null) return storage.unchecked('The doctor’s frame did not answer.', LET_FRAMES_IN);
  if (facts.storage === 'blocked')
    return storage.look(
      'Storage is blocked for frames of this page. Gadgets keep nothing there and need no cookie.',
      'Nothing has to be done: after a consent this page’s other gadgets notice it when they next look.',
    );
  return storage.good(
    facts.storage === 'apart'
      ? 'Frames here have storage of their own, kept apart by site. Gadgets need neither storage nor cookies.'
      : 'Storage is open. Gadgets need neither storage nor cookies.',
  );
};
