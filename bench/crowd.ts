import { createHash, randomBytes } from 'node:crypto';
import type { ConnectionId } from '../src/domain/connection.js';
import { FRAME_SESSION_LIFE } from '../src/domain/frame-session.js';
import { Secret } from '../src/domain/secret.js';
import { viewerOf } from '../src/domain/viewer.js';
import { systemClock } from '../src/server/node-system.js';
import { openStores } from '../src/store/open-stores.js';
import type { Setting } from './setting.js';

/** So many that each is looked at again only after the two seconds in which another process may have disconnected them. */
export const CROWD = 10_000;
/** How many of them are written down at a time: their writes share commits. */
const TOGETHER = 64;
/** The `sub` of one of the crowd. */
export const crowdMember = (index: number): string => `crowd-${index}`;
const TEN_MINUTES = 600_000;

/** Connects so many viewers, each with an open frame of `gadget`, straight in the database; returns the frames' bearer tokens. */
export const gatherCrowd = async (
  { database, keys, provider }: Setting,
  gadget: string,
  parameters: Readonly<Record<string, string | number | readonly string[]>>,
  count = CROWD,
): Promise<readonly string[]> => {
  const stores = await openStores({ url: database, keys, clock: systemClock });
  const startedAt = Date.now();

  const join = async (index: number): Promise<string> => {
    const viewer = viewerOf('bench', crowdMember(index));
    const profile = { name: viewer.sub, email: null };
    const id = crowdMember(index);
    const nonceHash = `nonce-${id}`;
    const tokens = {
      accessToken: new Secret(randomBytes(32).toString('hex')),
      refreshToken: new Secret(randomBytes(32).toString('hex')),
      issuedAt: startedAt,
      expiresAt: startedAt + 7_776_000_000,
      scopes: null,
      origins: [new URL(provider).origin],
    };
    await stores.flows.create({
      ...{ id, viewer, profile, gadget, provider: 'mingle', intent: 'connect', mode: 'opener', scopes: [] },
      ...{ clientId: 'bench', startedAt, expiresAt: startedAt + TEN_MINUTES, ticketHash: `ticket-${id}` },
      ticketExpiresAt: startedAt + TEN_MINUTES,
    });
    await stores.flows.open({ ticketHash: `ticket-${id}`, modes: ['opener'], nonceHash, now: startedAt });
    await stores.flows.redirect({
      ...{ id, nonceHash, from: 'opened', verifier: null, stateHash: `state-${id}` },
      ...{ redirectUri: 'http://localhost/', now: startedAt },
    });
    await stores.flows.giveBack(id, startedAt);
    await stores.flows.hold(id, tokens, null, startedAt);
    const flow = await stores.flows.accept(id, nonceHash, startedAt);
    if (flow === null) throw new Error(`${id} could not be connected`);
    await stores.connections.activate({
      ...{ id: `c-${id}` as ConnectionId, flow, tokens, account: null, scopes: [], now: startedAt },
      ...{ replacedAs: `r-${id}` as ConnectionId, replacedLease: { holder: id, until: startedAt } },
    });
    const bearer = randomBytes(32).toString('base64url');
    const session = {
      ...{
        id: `s-${id}`,
        viewer,
        profile,
        gadget,
        parameters,
        locks: '[]',
        choices: {},
        locale: 'en',
        timeZone: 'UTC',
      },
      ...{ launchedAt: startedAt, expiresAt: startedAt + FRAME_SESSION_LIFE },
    };
    const bearerHash = createHash('sha256').update(bearer).digest('base64url');
    await stores.frameSessions.launch({ session, bearerHash, jti: id, replayableUntil: startedAt });
    return bearer;
  };

  try {
    const bearers: string[] = [];
    for (let next = 0; next < count; next += TOGETHER)
      bearers.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(TOGETHER, count - next) }, (_, n) => join(next + n)),
        )),
      );
    return bearers;
  } finally {
    await stores.close();
  }
};
