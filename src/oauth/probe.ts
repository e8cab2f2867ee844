import type { Probe } from '../domain/probe.js';
import type { GuardFor } from './address-guard.js';
import { metadataOf } from './discovery.js';
import { lookAtChannel, lookUp } from './probe-channel.js';
import { asBrowser, asClient, exchange } from './probe-http.js';

/** Milliseconds for one look. */
const TIME_LIMIT = 10_000;

/** Looks at authorization servers over guarded connections; `timeLimit` is for one look, in milliseconds. */
export const probe = (guardFor: GuardFor, timeLimit = TIME_LIMIT): Probe => ({
  name: (url) => lookUp(new URL(url), timeLimit),
  channel: (url, reach) => lookAtChannel(new URL(url), guardFor(reach), timeLimit),
  page: (url, reach) => exchange(new URL(url), asBrowser, guardFor(reach), timeLimit),
  post: (url, request, reach) => exchange(new URL(url), asClient(request), guardFor(reach), timeLimit),
  async metadata(issuer, reach) {
    if (!URL.canParse(issuer)) return { failure: `${issuer} is no URL` };
    const found = await metadataOf(issuer, guardFor(reach), timeLimit);
    return typeof found === 'string' ? { failure: found } : { fields: found };
  },
});
