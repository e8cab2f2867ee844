import type { ConnectMode } from '../../domain/flow.js';
import { attribute, fillTemplate, literal } from './fill-template.js';
import type { Endpoint, Language, SnippetFacts } from './snippet-facts.js';

/** The token endpoint in this language, for what is known of a host. */
export const endpointIn = (language: Language, facts: SnippetFacts): Endpoint => {
  const { algorithm, namesKey, origins } = facts;
  const isSecret = algorithm === 'HS256';
  const quote = literal[language];
  const { code, title, file, install } = fillTemplate(language, {
    cases: [algorithm, ...(isSecret ? ['secret'] : []), ...(namesKey && !isSecret ? ['kid'] : [])],
    values: {
      host: quote(facts.host),
      gadget: quote(facts.gadget),
      gadgetOrigin: quote(facts.gadgetOrigin),
      algorithm,
      keySet: namesKey ? 'JWKS' : 'record',
    },
    lists: { origins: origins.map((origin) => ({ origin: quote(origin) })) },
  });
  return { language, title: title ?? language, file: file ?? '', install, code };
};

/** What a host's page is made with. `parameters` are texts, as the page's attributes give them. */
export interface PageFacts {
  readonly host: string;
  readonly gadget: string;
  readonly title: string;
  readonly gadgetOrigin: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** The script and the element. With `doctor` the element examines the page around it. */
export const elementSnippet = (
  { host, gadget, title, gadgetOrigin, parameters }: PageFacts,
  doctor = false,
): string =>
  fillTemplate('element', {
    cases: doctor ? ['doctor'] : [],
    values: {
      script: attribute(`${gadgetOrigin}/embed.js`),
      host: attribute(host),
      gadget: attribute(gadget),
      title: attribute(title),
    },
    lists: { parameters: parameters.map(([name, value]) => ({ name, value: attribute(value) })) },
  }).code;

/** A form and a frame, for a page without script; the host's server writes a fresh token into each page. */
export const formSnippet = ({ host, gadget, title, gadgetOrigin, parameters }: PageFacts): string =>
  fillTemplate('form', {
    cases: [],
    values: {
      action: attribute(`${gadgetOrigin}/h/${encodeURIComponent(host)}/g/${encodeURIComponent(gadget)}`),
      button: attribute(`Show ${title}`).slice(1, -1),
      title: attribute(title),
    },
    lists: {
      parameters: parameters.map(([name, value]) => ({
        name: attribute(`p.${name}`),
        value: attribute(value),
      })),
    },
  }).code;

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
  const known = { cases: needsOpener ? ['opener'] : [], values: { gadgetOrigin }, lists: {} };
  return {
    policy: [
      ['script-src', gadgetOrigin],
      ['frame-src', gadgetOrigin],
      ['form-action', gadgetOrigin],
    ],
    opener: needsOpener
      ? 'Cross-Origin-Opener-Policy must be same-origin-allow-popups or absent: under same-origin, gadgets show but viewers cannot connect.'
      : 'Cross-Origin-Opener-Policy may be anything, same-origin included: this host’s connect mode does not need the opener.',
    nginx: fillTemplate('nginx', known).code,
    helmet: fillTemplate('helmet', known).code,
  };
};
