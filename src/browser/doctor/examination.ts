import { fixedHeightOf, isParameter } from '../embed/attributes.js';
import type { Probe } from './frame-facts.js';
import { launchLine, parametersLine, popupLine, resizeLine } from './launch-lines.js';
import { isSeen, type Launch, shownHeight, watchLaunch } from './launch-watch.js';
import type { DoctorFacts, PopupOutcome } from './messages.js';
import { type PageFacts, pageFacts } from './page-facts.js';
import {
  embedderLine,
  openerLine,
  originLine,
  policyLine,
  sandboxLine,
  scriptLine,
  storageLine,
  upgradeLine,
} from './page-lines.js';
import type { Line } from './report.js';
import { claimsLine, clockLine, endpointLine, type ServerTime } from './token-lines.js';
import { askForToken, type TokenAnswer } from './token-question.js';

/** The element to check, and the origin of its gadgets. */
export interface Patient {
  readonly element: HTMLElement;
  readonly origin: string;
  relaunch(): void;
}

const DIRECTIVES = {
  'frame-src': 'frame-src',
  'child-src': 'frame-src',
  'default-src': 'frame-src',
  'form-action': 'form-action',
} as const;

/** Records what the browser blocks of `origin`, by the directive that a host's developer would write. */
const watchPolicy = (origin: string): { readonly blocked: ReadonlySet<string>; end(): void } => {
  const blocked = new Set<string>();
  const violated = ({ blockedURI, disposition, effectiveDirective }: SecurityPolicyViolationEvent): void => {
    if (disposition !== 'enforce' || !blockedURI.startsWith(origin)) return;
    const directive = DIRECTIVES[effectiveDirective as keyof typeof DIRECTIVES];
    if (directive !== undefined) blocked.add(directive);
  };
  document.addEventListener('securitypolicyviolation', violated);
  return { blocked, end: () => document.removeEventListener('securitypolicyviolation', violated) };
};

interface Findings {
  readonly page: PageFacts;
  readonly facts: DoctorFacts | null;
  readonly server: ServerTime | null;
  readonly tokens: readonly [TokenAnswer | null, TokenAnswer | null];
  readonly launch: Launch | null;
  readonly blocked: ReadonlySet<string>;
}

/** The lines of the report; that of the connect window depends on whether the person has tried it. */
const linesOf = (patient: Patient, found: Findings, popup: PopupOutcome | null): readonly Line[] => {
  const { element, origin } = patient;
  const { page, facts, tokens, launch, blocked } = found;
  const [host, gadget] = ['host', 'gadget'].map((name) => element.getAttribute(name) ?? '') as [
    string,
    string,
  ];
  const launchUrl = new URL(`${origin}/h/${encodeURIComponent(host)}/g/${encodeURIComponent(gadget)}`);
  const wanted = { host, gadget, gadgetOrigin: origin, algorithms: facts?.algorithms ?? null };
  return [
    originLine(page, facts, host),
    scriptLine(),
    policyLine('frame-src', page, launchUrl, blocked),
    policyLine('form-action', page, launchUrl, blocked),
    upgradeLine(page, launchUrl),
    sandboxLine(page, facts),
    openerLine(page, facts),
    embedderLine(page),
    popupLine(facts, popup),
    storageLine(facts),
    endpointLine(tokens[0]),
    claimsLine(...tokens, wanted),
    clockLine(tokens[0], found.server),
    parametersLine(namesOn(element), facts?.parameters ?? null),
    launchLine(launch, element.hasAttribute('token-url')),
    resizeLine(launch, fixedHeightOf(element), shownHeight(element), isSeen(element)),
  ];
};

/** The attributes of the element that can be parameters. */
const namesOn = (element: Element): readonly string[] =>
  element.getAttributeNames().filter((name) => isParameter(name));

const parametersOf = (element: Element): Readonly<Record<string, string>> =>
  Object.fromEntries(namesOn(element).map((name) => [name, element.getAttribute(name) ?? '']));

const tokensOf = async (element: HTMLElement): Promise<Findings['tokens']> => {
  const url = element.getAttribute('token-url');
  if (!url) return [null, null];
  const question = { url, gadget: element.getAttribute('gadget') ?? '', params: parametersOf(element) };
  const first = await askForToken(question);
  return [first, first.kind === 'token' ? await askForToken(question) : null];
};

/** Checks the page around a gadget. `lines` returns the report, which changes when the connect window is tried. */
export const examine = async (
  patient: Patient,
  openFrame: (origins: readonly string[]) => Probe,
): Promise<{ readonly probe: Probe; lines(popup: PopupOutcome | null): readonly Line[] }> => {
  const { element, origin } = patient;
  const policy = watchPolicy(origin);
  const page = await pageFacts();
  const probe = openFrame([page.origin, ...page.ancestors]);
  const [[facts, server], tokens] = await Promise.all([
    probe.facts.then((facts): [DoctorFacts | null, ServerTime | null] => [
      facts,
      facts && { time: facts.time, at: performance.now() },
    ]),
    tokensOf(element),
  ]);
  const canLaunch = element.hasAttribute('token-url') || !element.hasAttribute('token');
  const isRefused = facts !== null && (facts.host === 'unknown' || facts.unregistered.length > 0);
  const launch =
    canLaunch && !isRefused ? await watchLaunch(element, origin, () => patient.relaunch()) : null;
  policy.end();
  const found: Findings = { page, facts, server, tokens, launch, blocked: policy.blocked };
  return { probe, lines: (popup) => linesOf(patient, found, popup) };
};
