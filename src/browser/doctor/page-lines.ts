import type { DoctorFacts } from './messages.js';
import type { PageFacts } from './page-facts.js';
import { forbids, type Governed } from './policy.js';
import { about, LET_FRAMES_IN, type Line } from './report.js';

const quoted = (items: readonly string[]): string => items.map((item) => `“${item}”`).join(', ');

const origin = about('origin', 'Origin and frame-ancestors');

/** Whether the host's record lists this page and every page around it: frame-ancestors checks them all. */
export const originLine = (page: PageFacts, facts: DoctorFacts | null, host: string): Line => {
  if (page.origin === 'null')
    return origin.problem(
      'This page has no origin because it’s in a sandbox without allow-same-origin.',
      'Add allow-same-origin to the sandbox around this page.',
    );
  if (facts === null)
    return origin.unchecked(
      'The doctor’s frame did not answer, so the server could not be asked.',
      LET_FRAMES_IN,
    );
  if (host === '') return origin.problem('The element has no host.', 'Set the attribute host.');
  if (facts.host === 'unknown')
    return origin.problem(
      `The gadget server has no host “${host}”.`,
      'Correct the attribute host, or register the host.',
    );
  if (facts.unregistered.includes(page.origin))
    return origin.problem(
      `${page.origin} is not an origin of the host “${host}”.`,
      `Add ${page.origin} to hosts.${host}.origins.`,
    );
  if (facts.unregistered.length > 0)
    return origin.problem(
      `This page is framed by ${quoted(facts.unregistered)}, which isn’t an origin of the host “${host}”.`,
      `Add the origin to hosts.${host}.origins, or open this page in its own window.`,
    );
  return origin.good(`${page.origin} is registered for the host “${host}”.`);
};

/** The checks of a directive: what the browser reported, and what the policy contains. */
const policySubject = {
  'frame-src': about('frame-src', 'Content-Security-Policy: frame-src'),
  'form-action': about('form-action', 'Content-Security-Policy: form-action'),
} as const;

/** Whether the page's policies allow the gadget's URL, and what the browser really blocked. */
export const policyLine = (
  governed: Governed,
  page: PageFacts,
  launchUrl: URL,
  blocked: ReadonlySet<string>,
): Line => {
  const subject = policySubject[governed];
  const fix = `Add ${launchUrl.origin} to ${governed}.`;
  if (blocked.has(governed))
    return subject.problem(`The browser blocked ${launchUrl.origin} because of ${governed}.`, fix);
  for (const policy of page.policies) {
    const directive = forbids(policy, governed, launchUrl, page.origin);
    if (directive !== null) return subject.problem(`${directive} does not list ${launchUrl.origin}.`, fix);
  }
  if (page.headers === null)
    return subject.unchecked(
      'This page’s own headers couldn’t be read. The browser hasn’t blocked anything so far.',
      `If they contain a policy with ${governed}, add ${launchUrl.origin} to it.`,
    );
  return subject.good(
    page.policies.length === 0 ? 'This page has no policy.' : 'The policy allows the gadget.',
  );
};

const upgrade = about('upgrade', 'Content-Security-Policy: upgrade-insecure-requests');

/** On loopback without TLS: WebKit then requests the gadget over https, where nothing answers, and its frame stays empty. */
export const upgradeLine = (page: PageFacts, launchUrl: URL): Line => {
  const upgrades = page.policies.some((policy) => policy.has('upgrade-insecure-requests'));
  if (!upgrades || launchUrl.protocol === 'https:')
    return upgrade.good(upgrades ? 'It has no effect, because gadgets use https.' : 'Not set.');
  return upgrade.warning(
    `It is set, but gadgets use http. Safari and other WebKit browsers request ${launchUrl.origin} over https and show an empty frame.`,
    'Remove upgrade-insecure-requests while developing on loopback. helmet sends it by default.',
  );
};

const script = about('script-src', 'Content-Security-Policy: script-src');

/** If it were blocked, the doctor could not run. */
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
    return sandbox.problem(
      `This page is in a sandbox without ${missing.join(', ')}, which also applies to its frames.`,
      `Add ${missing.join(' ')} to the sandbox around this page.`,
    );
  if (facts !== null && !facts.hasOrigin)
    return sandbox.problem(
      'Frames in this page have no origin, because a sandbox around it lacks allow-same-origin.',
      `Set that sandbox to: ${NEEDED.join(' ')}.`,
    );
  if (page.isFramed && page.sandbox === null && page.ancestors.some((each) => each !== page.origin))
    return sandbox.unchecked(
      'This page is framed by another site, and a sandbox there can’t be seen from here.',
      `If there is one, it must contain: ${NEEDED.join(' ')}. Try the connect window below.`,
    );
  return sandbox.good(
    page.sandbox === null
      ? 'There is no sandbox. Gadgets need no permission in allow.'
      : 'The sandbox around this page contains everything that gadgets need.',
  );
};

/** The most reliable check of the header, whichever page sends it. */
const TRY_WINDOW = 'Try the connect window below.';

const opener = about('opener', 'Cross-Origin-Opener-Policy');

export const openerLine = (page: PageFacts, facts: DoctorFacts | null): Line => {
  const policy = page.headers?.get('Cross-Origin-Opener-Policy')?.split(';')[0]?.trim() ?? null;
  const severs = page.isIsolated || policy?.startsWith('same-origin') === true;
  const absent = page.headers === null ? 'It couldn’t be read.' : 'Not set.';
  const said = policy === null ? absent : `It is ${policy}.`;
  if (facts?.mode !== undefined && facts.mode !== null && facts.mode !== 'opener')
    return opener.good(`${said} The connect mode “${facts.mode}” doesn’t depend on it.`);
  if (severs && policy !== 'same-origin-allow-popups')
    return opener.problem(
      `${said} Gadgets are shown, but viewers can’t connect, because the header separates the connect window from the gadget.`,
      'Send same-origin-allow-popups instead, or set this host’s connect mode to code or reauth.',
    );
  if (page.isFramed)
    return opener.unchecked('This page is framed, so the header of the top-level page applies.', TRY_WINDOW);
  if (page.headers === null) return opener.unchecked('This page’s own headers couldn’t be read.', TRY_WINDOW);
  return opener.good(said);
};

const embedder = about('embedder', 'Cross-Origin-Embedder-Policy');

/** Gadgets send every header that it requires. */
export const embedderLine = (page: PageFacts): Line => {
  const policy = page.headers?.get('Cross-Origin-Embedder-Policy') ?? null;
  const isolated = page.isIsolated ? ' This page is cross-origin isolated.' : '';
  if (page.headers === null) return embedder.good(`Gadgets work with any value.${isolated}`);
  return embedder.good(
    `${policy === null ? 'Not set.' : `It is ${policy}. Gadgets work with it.`}${isolated}`,
  );
};

const storage = about('storage', 'Storage partitioning');

export const storageLine = (facts: DoctorFacts | null): Line => {
  if (facts === null) return storage.unchecked('The doctor’s frame did not answer.', LET_FRAMES_IN);
  if (facts.storage === 'blocked')
    return storage.warning(
      'Storage is blocked for frames on this page. Gadgets don’t need storage or cookies.',
      'You don’t have to do anything. After someone connects, the other gadgets on this page notice it a little later.',
    );
  return storage.good(
    facts.storage === 'apart'
      ? 'Frames on this page have separate storage per site. Gadgets don’t need storage or cookies.'
      : 'Storage is available. Gadgets don’t need storage or cookies.',
  );
};
