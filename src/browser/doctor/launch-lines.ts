import type { Launch } from './launch-watch.js';
import type { DoctorFacts, PopupOutcome } from './messages.js';
import { about, type Line } from './report.js';

const launch = about('launch', 'Launch');

/** What to do about a refused launch, by code; for other codes the frame itself says it. */
const FIXES: Readonly<Record<string, string>> = {
  attributes_missing: 'Set the attributes host, gadget, and token-url or token.',
  blocked_by_csp: 'Fix the Content-Security-Policy as described above.',
  offline: 'The gadget loads automatically when the network is back. Then run the doctor again.',
  no_answer:
    'Fix the problems above first. If there are none, check the browser’s console and network panel.',
  host_unknown: 'Correct the attribute host, or register the host.',
  gadget_unknown: 'Correct the attribute gadget.',
  gadget_not_allowed: 'Add the gadget to the host’s record.',
  parameter_unknown:
    'The host’s token locks a parameter that the gadget doesn’t have; the gadget’s frame names it.',
  parameter_invalid: 'Correct the value of the attribute that the gadget’s frame names.',
  parameter_missing: 'Set the attribute that the gadget’s frame names.',
  parameter_locked: 'Remove the attribute, because the host’s token locks that parameter.',
  token_invalid:
    'If claims and clocks are good, the token isn’t signed with the key of this host. Compare the two keys. The server log has the details under the request ID.',
  token_expired: 'Create a new token for each request, and compare the clocks.',
  token_replayed: 'Create a new token for each request, and don’t cache the token endpoint.',
  token_purpose: 'Remove “purpose” from the token.',
  token_used: 'A token works for one launch only. Set the attribute token-url.',
  host_keys_unavailable: 'Make sure that the gadget server can reach the host’s JWKS URL.',
  not_framed: 'Something removes the request headers that identify it as a request of a frame.',
};

/** `null` if no launch was tried: there is no token endpoint, or the server doesn't allow this page. */
export const launchLine = (tried: Launch | null, hasTokenUrl: boolean): Line => {
  if (tried === null)
    return hasTokenUrl
      ? launch.unchecked(
          'Not tried, because the server doesn’t allow this page to frame a gadget.',
          'Fix the origin first.',
        )
      : launch.unchecked(
          'The doctor can’t launch a gadget again that has only a token attribute.',
          'Look at what the gadget shows, or set the attribute token-url.',
        );
  const { state, code } = tried;
  if (code !== null)
    return code.startsWith('token_url_')
      ? launch.unchecked('Nothing can be launched without a token.', 'Fix the token endpoint first.')
      : launch.problem(
          `The launch failed with ${code}.`,
          FIXES[code] ?? 'The gadget’s frame says what to do.',
        );
  if (state === 'signed-out')
    return launch.unchecked(
      'No one is signed in, so nothing was launched.',
      'Sign in and run the doctor again.',
    );
  if (state === null) return launch.problem('The gadget did not answer.', FIXES.no_answer ?? '');
  return state === 'misconfigured'
    ? launch.warning(
        'The gadget shows “misconfigured”.',
        'The embedding works. The gadget’s frame shows what its provider refused.',
      )
    : launch.good(`The gadget answered and shows “${state}”.`);
};

const parameters = about('parameters', 'Parameters');

/** Names the attributes that the gadget ignores: one may be a misspelled parameter. `known` is null if the server could not be asked. */
export const parametersLine = (given: readonly string[], known: readonly string[] | null): Line => {
  if (known === null)
    return parameters.unchecked('The gadget’s parameters are unknown.', 'Fix the origin first.');
  const taken =
    known.length === 0 ? 'The gadget has no parameters.' : `The gadget’s parameters: ${known.join(', ')}.`;
  const ignored = given.filter((name) => !known.includes(name));
  if (ignored.length === 0) return parameters.good(taken);
  const names = ignored.map((name) => `“${name}”`).join(', ');
  return parameters.warning(
    `The gadget ignores ${names}. ${taken}`,
    'If a name is misspelled, correct it. Attributes of frameworks and browser extensions can stay.',
  );
};

const resize = about('resize', 'Height');

/** Whether the gadget's height gets through to the page. */
export const resizeLine = (
  tried: Launch | null,
  fixed: number | null,
  shown: number | null,
  isSeen: boolean,
): Line => {
  if (fixed !== null) return resize.good(`The page sets a fixed height of ${fixed} pixels.`);
  if (tried?.state == null || tried.state === 'signed-out')
    return resize.unchecked('No gadget was shown.', 'Fix the launch first.');
  if (tried.asked === null && !isSeen)
    return resize.unchecked(
      'The gadget is out of view, and browsers pause such frames.',
      'Scroll to the gadget and press “Run again”.',
    );
  if (tried.asked === null)
    return resize.problem(
      'The gadget is shown but didn’t report its height.',
      'Check for a script on the page or a browser extension that blocks messages between frame and page.',
    );
  if (shown !== null && shown < Math.min(tried.asked, 10_000) - 2)
    return resize.warning(
      `The gadget asks for ${Math.ceil(tried.asked)} pixels, and the page shows ${shown}.`,
      'Remove the styles that limit the height of oriel-gadget or the elements around it (height, max-height, overflow).',
    );
  return resize.good(`The frame follows its content: ${Math.ceil(tried.asked)} pixels.`);
};

const popup = about('popup', 'Connect window');

/** `outcome` is null until the person has tried it. */
export const popupLine = (facts: DoctorFacts | null, outcome: PopupOutcome | null): Line => {
  if (facts?.mode != null && facts.mode !== 'opener')
    return popup.good(`The connect mode “${facts.mode}” uses a link, which needs nothing from this page.`);
  switch (outcome) {
    case null:
      return facts?.mode == null
        ? popup.unchecked(
            'You can try it once this page is registered and may frame gadgets.',
            'Fix the origin and frame-src first.',
          )
        : popup.unchecked(
            'Browsers open a window only after a click.',
            'Press “Try the connect window” below.',
          );
    case 'answered':
      return popup.good('It opened and can communicate with the gadget.');
    case 'no-window':
      return popup.problem(
        'The window was blocked, or the gadget can’t communicate with it.',
        'Allow pop-ups for this site, and check Cross-Origin-Opener-Policy and the sandbox above.',
      );
    case 'silent':
      return popup.problem(
        'The window opened but didn’t answer.',
        'Make sure that this browser can reach the site origin and that nothing adds a Cross-Origin-Opener-Policy to its pages.',
      );
  }
};
