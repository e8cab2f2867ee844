import { createHash } from 'node:crypto';
import type { Canaries, Mark } from './canaries.js';
import type { Check, Findings } from './findings.js';

/** An answer of Oriel, as it arrived. */
export interface HeardAnswer {
  /** To whom, as `viewerName` writes it. */
  readonly viewer: string;
  /** The gadget that it is about; null for pages that are about none. */
  readonly gadget: string | null;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** When it was asked for, by `Inspector.now`. */
  readonly since: number;
}

/** Beside the two that frames revalidate by themselves, no answer to a frame has a validator. */
const VALIDATED = /^\/frame\/(?:content|standing)$/;
const OF_FRAMES = /^\/(?:h|frame)\//;

/** What of `Cache-Control` lets a cache keep an answer. */
const controlFault = (headers: Headers): string | null => {
  const control = headers.get('cache-control') ?? '';
  const directives = control
    .toLowerCase()
    .split(',')
    .map((each) => each.trim().split('=')[0] ?? '');
  if (directives.includes('public') || directives.includes('s-maxage'))
    return `its Cache-Control is “${control}”, by which shared caches may keep it`;
  if (!directives.includes('no-store')) {
    const isVaried = /(?:^|[,\s])authorization(?:$|[,\s])|\*/i.test(headers.get('vary') ?? '');
    const varied = isVaried ? '' : ', and its Vary does not name Authorization';
    return `its Cache-Control is “${control}” without no-store${varied}`;
  }
  return directives.includes('private') ? null : `its Cache-Control is “${control}” without private`;
};

const OF_NETWORKS = /^(?:surrogate-control|(?:[a-z]+-)*cdn-cache-control)$/;

/** Why a cache on the way might keep this answer or has kept it; null where none may. */
const cacheFault = (path: string, headers: Headers): string | null => {
  const [name, value = ''] =
    [...headers].find(([each, said]) => OF_NETWORKS.test(each) && !/no-store/i.test(said)) ?? [];
  if (name !== undefined) return `its ${name} is “${value}”, which some caches follow instead`;
  const age = headers.get('age');
  if (age !== null) return `it has an Age (${age}), so it came out of a cache`;
  if (headers.has('last-modified')) return 'it has a Last-Modified, by which caches revalidate';
  if (headers.has('etag') && !VALIDATED.test(path)) return 'it has an ETag, by which caches revalidate';
  return controlFault(headers);
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The address without what differs from one answer to the next. */
const kindOf = (path: string): string =>
  path.replace(/^\/h\/[^/]+\/g\/[^/]+/, '/h/…/g/…').replace(/^(\/frame\/flows)\/[^/]+/, '$1/…');

/** Looks through every answer of Oriel as it arrives. */
export class Inspector {
  readonly #canaries: Canaries;
  readonly #findings: Findings;
  /** Gadget → requests whose data was on the screen of a viewer whose it is. */
  readonly #shown = new Map<string, Set<string>>();
  readonly #times = new Map<string, number>();
  readonly #parts = new Map<string, number>();
  /** ETag → what it stands for. */
  readonly #bytes = new Map<string, { readonly hash: string; readonly viewer: string }>();
  #answers = 0;
  #now = 0;

  constructor(canaries: Canaries, findings: Findings) {
    this.#canaries = canaries;
    this.#findings = findings;
  }

  get answers(): number {
    return this.#answers;
  }

  /** A moment later than every one before. */
  now(): number {
    this.#now += 1;
    return this.#now;
  }

  /** In how many answers of a gadget its viewers saw their own data, and of which of its requests. */
  shownOf(gadget: string): {
    readonly times: number;
    readonly requests: readonly string[];
    /** The same answers, each as often as it had data of different requests. */
    readonly parts: number;
  } {
    return {
      times: this.#times.get(gadget) ?? 0,
      requests: [...(this.#shown.get(gadget) ?? [])],
      parts: this.#parts.get(gadget) ?? 0,
    };
  }

  hear(answer: HeardAnswer): void {
    this.#answers += 1;
    const { gadget, headers, path, text } = answer;
    const headerText = [...headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const marks = this.#canaries.marksIn(`${headerText}\n${text}`);
    for (const mark of marks) this.#judge(answer, mark);
    if (!OF_FRAMES.test(path)) return;
    const own = marks.filter(({ grant }) => grant.viewer === answer.viewer);
    if (gadget !== null && own.length > 0) this.#note(gadget, own);
    const fault = cacheFault(path, headers);
    if (fault !== null)
      this.#report('cacheable', gadget, `The answer to ${kindOf(path)} could be kept: ${fault}.`);
    this.#compareEtag(answer);
  }

  #note(gadget: string, own: readonly Mark[]): void {
    const shown = this.#shown.get(gadget) ?? new Set();
    this.#shown.set(gadget, shown);
    for (const { request } of own) shown.add(request);
    this.#times.set(gadget, (this.#times.get(gadget) ?? 0) + 1);
    const parts = new Set(own.map(({ request }) => request)).size;
    this.#parts.set(gadget, (this.#parts.get(gadget) ?? 0) + parts);
  }

  #judge({ gadget, path, since, viewer }: HeardAnswer, { grant, request }: Mark): void {
    if (grant.viewer !== viewer)
      this.#report(
        'shown-to-another',
        gadget,
        `${viewer} was sent what ${grant.provider} answered ${grant.viewer} to ${request} (${kindOf(path)}).`,
      );
    else if (grant.endedAt !== null && since > grant.endedAt)
      this.#report(
        'shown-after-end',
        gadget,
        `${viewer} was sent what ${grant.provider} answered to ${request} by a connection that had ended (${kindOf(path)}).`,
      );
  }

  #compareEtag({ gadget, headers, path, status, text, viewer }: HeardAnswer): void {
    const etag = headers.get('etag');
    if (path !== '/frame/content' || status !== 200 || etag === null) return;
    const hash = hashOf(text);
    const known = this.#bytes.get(etag);
    this.#bytes.set(etag, known ?? { hash, viewer });
    if (known === undefined || known.hash === hash) return;
    const whose = known.viewer === viewer ? 'other bytes before' : `other bytes for ${known.viewer}`;
    this.#report('etag-shared', gadget, `An ETag for ${viewer} stood for ${whose}.`);
  }

  #report(check: Check, gadget: string | null, what: string): void {
    this.#findings.add({ check, gadget, what });
  }
}

/** What a log says of a mistake of ours, without whose data it was about. */
export const withoutNames = (message: string): string => message.replace(/ Asked for by connection .*$/, '');

/** What a line of a log calls itself. */
export const eventIn = (line: string): string => {
  const [, event] = /"(?:event|msg|route)":"([^"]{1,60})"/.exec(line) ?? [];
  return event === undefined ? '' : ` (${event})`;
};
