import { parseUrl } from '../../../domain/parse-url.js';
import type { Reach } from '../../../net/address-guard.js';
import type { Provider } from '../../../providers/provider.js';
import type { DryRunPorts } from './dry-run-ports.js';
import type { Line } from './line.js';
import { judgeChannel, judgeName } from './reachability-lines.js';

const originOf = (url: string): string => new URL(url).origin;

/** What was looked at so far, and which of it can be spoken to. */
export interface Reaching {
  can(url: string): boolean;
  /** Looks at every origin of a record, as far as it is settled, that was not looked at before. */
  look(known: Partial<Provider>): AsyncGenerator<Line, void>;
}

const originsOf = ({ issuer, authorizationEndpoint, tokenEndpoint, revocation, api }: Partial<Provider>) => {
  const revoking = revocation?.kind === 'rfc7009' ? revocation.endpoint : null;
  const urls = [issuer, authorizationEndpoint, tokenEndpoint, revoking, api];
  return new Set(urls.flatMap((url) => (url && parseUrl(url) !== null ? [originOf(url)] : [])));
};

/** Resolves names and connects, as the product itself would. */
export const reaching = ({ probe, clock }: Pick<DryRunPorts, 'probe' | 'clock'>, reach: Reach): Reaching => {
  const reachable = new Map<string, boolean>();

  const lookAt = async function* (origin: string): AsyncGenerator<Line, boolean> {
    const name = judgeName(origin, await probe.name(origin), reach);
    yield name;
    if (name.light === 'red') return false;
    const channel = judgeChannel(origin, await probe.channel(origin, reach), clock.now());
    yield channel;
    return channel.light !== 'red';
  };

  return {
    can: (url) => reachable.get(originOf(url)) === true,
    async *look(known) {
      for (const origin of originsOf(known)) {
        if (!reachable.has(origin)) reachable.set(origin, yield* lookAt(origin));
      }
    },
  };
};
