import type { Words } from './words.js';

/** Failures of the network: they may be over when it is back, or when the page is looked at again. */
export const mayPass = (code: string): boolean =>
  code === 'offline' || code === 'token_url_unreachable' || code === 'no_answer';

/** What a page shows that has no words of its own, with the code for the people who look after it. */
export const failureWords = (code: string, { offline, noAnswer, failed }: Words): string => {
  const sentence = { offline, token_url_unreachable: noAnswer }[code] ?? failed;
  return `${sentence} (${code})`;
};

/** What went wrong, for the page's developer: `oriel-error` carries it, and names the likely causes. */
export const explain = (code: string, origin: string, host: string): string => {
  const causes: Readonly<Record<string, string>> = {
    no_answer:
      `The gadget did not answer within 10 seconds. Likely causes: this page’s Content-Security-Policy does not allow ` +
      `${origin} in frame-src or form-action; “${host}” or this page’s origin (${location.origin}) is not registered ` +
      `with the gadget server; the gadget refused the launch (its frame says why); or the network is down.`,
    blocked_by_csp: `This page’s Content-Security-Policy blocked the gadget: allow ${origin} in frame-src and form-action.`,
    attributes_missing: 'The element needs the attributes host, gadget, and token-url or token.',
    token_used: 'A token serves one launch. Set a new token, or give a token-url.',
    token_url_foreign: 'token-url must be an address of this page’s own origin.',
    token_url_failed: 'The token-url answered with an error.',
    token_url_unreadable: 'The token-url did not answer with JSON {"token": …}.',
    token_url_unreachable: 'The token-url did not answer.',
    offline: 'This browser is offline. The gadget is launched by itself when the network is back.',
  };
  return causes[code] ?? `The gadget reports: ${code.replaceAll('_', ' ')}.`;
};
