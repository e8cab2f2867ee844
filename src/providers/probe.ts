import { parseUrl } from '../domain/parse-url.js';
import type { GuardFor } from '../net/address-guard.js';
import { lookAtChannel, lookUp } from '../net/probe-channel.js';
import { asBrowser, asClient, exchange } from '../net/probe-http.js';
import { metadataOf } from './discovery.js';
import type { Probe, Reach } from './probe-facts.js';

/** Milliseconds for one look. */
const TIME_LIMIT = 10_000;

/** Whose record it is does not matter to how a name is looked up. */
const NO_ONE: Reach = { allowAddresses: [], certificates: [] };

/** Looks at authorization servers over guarded connections; `timeLimit` is for one look, in milliseconds. */
export const probe = (guardFor: GuardFor, timeLimit = TIME_LIMIT): Probe => ({
  name: (url) => lookUp(new URL(url), guardFor(NO_ONE), timeLimit),
  channel: (url, reach) => lookAtChannel(new URL(url), guardFor(reach), timeLimit),
  page: (url, reach) => exchange(new URL(url), asBrowser, guardFor(reach), timeLimit),
  post: (url, request, reach) => exchange(new URL(url), asClient(request), guardFor(reach), timeLimit),
  async metadata(issuer, reach) {
    if (parseUrl(issuer) === null) return { failure: `${issuer} is no URL` };
    const found = await metadataOf(issuer, guardFor(reach), timeLimit);
    return typeof found === 'string' ? { failure: found } : { fields: found };
  },
});
