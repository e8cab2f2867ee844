import { outgoing } from '../../src/compose/outgoing.js';
import { systemClock } from '../../src/compose/system.js';
import type { Config } from '../../src/config/config.js';
import type { Provider } from '../../src/domain/provider.js';
import { Tally } from '../../src/domain/tally.js';
import { client, grant, redirectUri, tokens } from '../oauth/as-example.js';
import { neverMisplaced } from '../support/misplaced.js';
import { accessOf, requestTo } from '../upstream/setting.js';

/** Every way in which this server calls another, each by its name; what comes of a call is told as text. */
export const everyDoor = (settings: () => Config, provider: Provider) => {
  const doors = outgoing(settings, {
    clock: systemClock,
    journal: { warn: () => undefined },
    meter: new Tally(systemClock.now),
    misplaced: neverMisplaced,
  });
  const { origin } = new URL(provider.api);
  const form = { form: {}, client, authentication: 'basic' } as const;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    'the API': () => doors.upstream.get(accessOf('ada'), requestTo(provider, { ttl: 0 })),
    'whose account': () =>
      doors.upstream.ask(
        provider,
        { token: grant.code, origins: [origin] },
        { target: '/me', format: 'json' },
      ),
    redeem: () => doors.authorizer.redeem(provider, client, grant),
    refresh: () => doors.authorizer.refresh(provider, client, tokens(), redirectUri),
    revoke: () => doors.authorizer.revoke(provider, client, tokens()),
    metadata: () => doors.discover({ kind: 'discover', issuer: origin, draft: provider }),
    'the dry run’s channel': () => doors.probe.channel(origin, provider),
    'the dry run’s page': () => doors.probe.page(`${origin}/authorize`, provider),
    'the dry run’s form': () => doors.probe.post(`${origin}/token`, form, provider),
    'the dry run’s metadata': () => doors.probe.metadata(origin, provider),
    'a host’s keys': () => doors.fetchJwks(`${origin}/jwks`),
    'administrators’ sign-in': async () => doors.identityProvider?.begin(false),
  };
  return {
    names: Object.keys(calls),
    call: (name: string): Promise<string> =>
      (calls[name]?.() ?? Promise.reject(new Error(name))).then(
        (found) => JSON.stringify(found) ?? '',
        (error: unknown) => JSON.stringify([String(error), (error as { cause?: unknown }).cause ?? '']),
      ),
    close: doors.close,
  };
};
