import type { Words } from './words.js';

/** Failures of the network, which may be over when it is back or when the page is visible again. */
export const mayPass = (code: string): boolean =>
  code === 'offline' || code === 'token_url_unreachable' || code === 'no_answer';

/** The text for a page that has none of its own, with the code for its developers. */
export const failureWords = (code: string, { offline, noAnswer, failed }: Words): string => {
  const sentence = { offline, token_url_unreachable: noAnswer }[code] ?? failed;
  return `${sentence} (${code})`;
};

/** The message in `oriel-error` for the page's developer: what went wrong, and the likely causes. */
export const explain = (code: string, origin: string, host: string): string => {
  const causes: Readonly<Record<string, string>> = {
    no_answer:
      `The gadget didn’t answer within 10 seconds. Likely causes: this page’s Content-Security-Policy doesn’t allow ` +
      `${origin} in frame-src or form-action; “${host}” or this page’s origin (${location.origin}) isn’t registered ` +
      `with the gadget server; the gadget refused the launch (its frame says why); or the network is down.`,
    blocked_by_csp: `This page’s Content-Security-Policy blocked the gadget: allow ${origin} in frame-src and form-action.`,
    attributes_missing: 'The element needs the attributes host, gadget, and token-url or token.',
    token_used: 'A token works for one launch only. Set a new token, or set token-url.',
    token_url_foreign: 'token-url must be on this page’s own origin.',
    token_url_failed: 'The token-url answered with an error.',
    token_url_unreadable: 'The token-url didn’t answer with JSON {"token": …}.',
    token_url_unreachable: 'The token-url didn’t answer.',
    offline: 'This browser is offline. The gadget loads automatically when the network is back.',
  };
  return causes[code] ?? `The gadget reports: ${code.replaceAll('_', ' ')}.`;
};
