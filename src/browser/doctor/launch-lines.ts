import type { Launch } from './launch-watch.js';
import type { DoctorFacts, PopupOutcome } from './messages.js';
import { about, type Line } from './report.js';

const launch = about('launch', 'Launch');

/** What mends a refused launch, by code; of the others the frame itself says what to do. */
const MENDS: Readonly<Record<string, string>> = {
  attributes_missing: 'Give the element host, gadget, and token-url or token.',
  blocked_by_csp: 'Mend what is said of the Content-Security-Policy.',
  offline: 'Run the doctor again when the network is back; the gadget is then launched by itself.',
  no_answer: 'Mend what is wrong above first; if nothing is, see the browser’s console and network panel.',
  host_unknown: 'Correct the attribute host, or register the host.',
  gadget_unknown: 'Correct the attribute gadget.',
  gadget_not_allowed: 'Add the gadget to the host’s record.',
  parameter_unknown:
    'The host’s token locks a parameter that the gadget does not have; its frame says which.',
  parameter_invalid: 'Correct the attribute’s value; the gadget’s frame says which.',
  parameter_missing: 'Give the attribute that the gadget’s frame names.',
  parameter_locked: 'Leave the attribute out: the host’s token locks that parameter.',
  token_invalid:
    'If claims and clocks are good, the signature is not by the key in the host’s record: compare the two keys. The server’s log says more under the request id.',
  token_expired: 'Make a new token for each question, and compare the clocks.',
  token_replayed: 'Make a new token for each question, and let no cache keep the token address.',
  token_purpose: 'Leave “purpose” out of the token.',
  token_used: 'A token attribute serves one launch: give the element a token-url.',
  host_keys_unavailable: 'The host’s JWKS address must answer the gadget server.',
  not_framed: 'Something strips the request of what says that it is for a frame.',
};

/** `null` where no launch was tried: without a token address, or when the server refuses this page anyway. */
export const launchLine = (tried: Launch | null, hasTokenUrl: boolean): Line => {
  if (tried === null)
    return hasTokenUrl
      ? launch.unchecked(
          'It was not tried: the server does not let this page frame a gadget.',
          'Mend what is said of the origin first.',
        )
      : launch.unchecked(
          'With a token attribute the doctor cannot launch again.',
          'See what the gadget shows, or give the element a token-url.',
        );
  const { state, code } = tried;
  if (code !== null)
    return code.startsWith('token_url_')
      ? launch.unchecked('Without a token nothing can be launched.', 'Mend the token address first.')
      : launch.wrong(`It ended with ${code}.`, MENDS[code] ?? 'The gadget’s frame says what to do.');
  if (state === 'signed-out')
    return launch.unchecked(
      'Nobody is signed in, so nothing was launched.',
      'Sign in and run the doctor again.',
    );
  if (state === null) return launch.wrong('The gadget did not answer.', MENDS.no_answer ?? '');
  return state === 'misconfigured'
    ? launch.look(
        'It shows “misconfigured”.',
        'The embedding works; the gadget’s frame says what its provider refuses.',
      )
    : launch.good(`The gadget answered, and shows “${state}”.`);
};

const parameters = about('parameters', 'Parameters');

/** What the gadget ignores is named: it may be a misspelt parameter. `known` is null where the server could not be asked. */
export const parametersLine = (given: readonly string[], known: readonly string[] | null): Line => {
  if (known === null)
    return parameters.unchecked(
      'Which parameters the gadget takes is not known.',
      'Mend what is said of the origin first.',
    );
  const taken = known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`;
  const ignored = given.filter((name) => !known.includes(name));
  if (ignored.length === 0) return parameters.good(taken);
  const names = ignored.map((name) => `“${name}”`).join(', ');
  return parameters.look(
    `The gadget ignores ${names}, which ${ignored.length === 1 ? 'is no parameter' : 'are no parameters'} of it. ${taken}`,
    'Correct the name if it is misspelt; what frameworks and extensions write can stay.',
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
  if (fixed !== null) return resize.good(`The page fixes it at ${fixed} pixels; nothing has to be followed.`);
  if (tried?.state == null || tried.state === 'signed-out')
    return resize.unchecked('No gadget was shown.', 'Mend what is said of the launch first.');
  if (tried.asked === null && !isSeen)
    return resize.unchecked(
      'The gadget is out of sight, and browsers let such frames rest.',
      'Scroll to the gadget and press “Run again”.',
    );
  if (tried.asked === null)
    return resize.wrong(
      'The gadget shows itself and told no height.',
      'Let the messages between frame and page through: a script of the page, or an extension, stops them.',
    );
  if (shown !== null && shown < Math.min(tried.asked, 10_000) - 2)
    return resize.look(
      `The gadget asks for ${Math.ceil(tried.asked)} pixels, and the page shows ${shown}.`,
      'Take away what fixes the height of oriel-gadget or of what is around it (height, max-height, overflow).',
    );
  return resize.good(`The frame follows its content: ${Math.ceil(tried.asked)} pixels.`);
};

const popup = about('popup', 'Connect window');

/** `null` as long as the person has not tried. */
export const popupLine = (facts: DoctorFacts | null, outcome: PopupOutcome | null): Line => {
  if (facts?.mode != null && facts.mode !== 'opener')
    return popup.good(
      `The connect mode “${facts.mode}” opens it by a link, which needs nothing from this page.`,
    );
  switch (outcome) {
    case null:
      return facts?.mode == null
        ? popup.unchecked(
            'It can be tried once this page is registered and its frames are let in.',
            'Mend what is said of the origin and of frame-src first.',
          )
        : popup.unchecked('A window may open after a click only.', 'Press “Try the connect window” below.');
    case 'answered':
      return popup.good('It opened, and gadget and window can speak to each other.');
    case 'no-window':
      return popup.wrong(
        'No window came back: it was blocked, or opened out of the gadget’s reach.',
        'Allow pop-ups for this site; see Cross-Origin-Opener-Policy and the sandbox above.',
      );
    case 'silent':
      return popup.wrong(
        'A window opened and did not answer.',
        'The site origin must be reachable from this browser; nothing may add a Cross-Origin-Opener-Policy to its pages.',
      );
  }
};
