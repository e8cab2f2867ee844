import type { ConnectMode } from '../../domain/flow.js';

/** What the headers of the host's page must allow, and two ways to say so. */
export interface HeaderAdvice {
  /** Directive of the page's Content-Security-Policy → what it must list. */
  readonly policy: readonly (readonly [directive: string, source: string])[];
  /** One sentence on Cross-Origin-Opener-Policy. */
  readonly opener: string;
  readonly nginx: string;
  readonly helmet: string;
}

/**
 * The headers of a page that embeds gadgets. In the mode `opener` the connect window must keep its opener; in the others
 * nothing depends on it.
 */
export const headerAdvice = (gadgetOrigin: string, mode: ConnectMode): HeaderAdvice => {
  const needsOpener = mode === 'opener';
  return {
    policy: [
      ['script-src', gadgetOrigin],
      ['frame-src', gadgetOrigin],
      ['form-action', gadgetOrigin],
    ],
    opener: needsOpener
      ? 'Cross-Origin-Opener-Policy must be same-origin-allow-popups or absent: under same-origin gadgets show, and nobody can connect.'
      : 'Cross-Origin-Opener-Policy may be anything, same-origin included: this host’s connect mode does not need the opener.',
    nginx: `# In the server or location of the page. nginx forgets inherited add_header lines where there is one of its own: repeat yours here.
add_header Content-Security-Policy "default-src 'self'; script-src 'self' ${gadgetOrigin}; frame-src ${gadgetOrigin}; form-action 'self' ${gadgetOrigin}" always;
${needsOpener ? 'add_header Cross-Origin-Opener-Policy "same-origin-allow-popups" always;\n' : ''}`,
    helmet: `helmet({
  contentSecurityPolicy: {
    directives: {
      'script-src': ["'self'", '${gadgetOrigin}'],
      'frame-src': ['${gadgetOrigin}'],
      'form-action': ["'self'", '${gadgetOrigin}'],
    },
  },
${needsOpener ? "  crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },\n" : ''}});
`,
  };
};
