import { plain } from '../../cli/plain.js';
import { doneOf } from '../../domain/departure.js';
import type { DepartureProgress } from './departures.js';
import type { RefreshTrouble } from './refresh-trouble.js';
import type { SeenConnection } from './use-cases.js';

const when = (time: number): string => new Date(time).toISOString();

const connectionText = (connection: SeenConnection): string => {
  const { id, provider, host, sub, account, scopes, status, reason, lastUsedAt, uses } = connection;
  const used = uses.map(({ gadget, lastUsedAt: at }) => `${gadget} ${when(at)}`);
  return [
    id,
    `  person   ${plain(sub)} on ${host.id}`,
    `  account  ${provider.id}: ${account === null ? 'the provider does not tell whose' : plain(account.label)}`,
    `  may      ${scopes.join(' ') || 'as the provider decides'}`,
    `  state    ${reason === null ? status : `${status} (${reason})`}`,
    `  used     ${used.join(', ') || when(lastUsedAt)}`,
  ].join('\n');
};

/** Connections for people. */
export const connectionsText = (connections: readonly SeenConnection[], next: string | null): string =>
  connections.length === 0
    ? 'No connection matches.'
    : [
        ...connections.map(connectionText),
        ...(next === null ? [] : [`There are more: --cursor ${next}`]),
      ].join('\n');

/** How far the end of many Connections is, in a line. */
export const departureText = ({ departure, left }: DepartureProgress): string => {
  const { id, leaver, total, revoked, asked, nothing, unrevoked, finishedAt } = departure;
  const whose =
    leaver.kind === 'provider'
      ? `provider ${leaver.provider}`
      : leaver.kind === 'connections'
        ? [leaver.provider, leaver.host].filter((each) => each !== null).join(' on ')
        : `${leaver.kind === 'viewer' ? 'one person on' : 'host'} ${leaver.host}`;
  const outcomes = [
    `${revoked} revoked`,
    ...(asked === 0 ? [] : [`${asked} asked to revoke, unconfirmed`]),
    ...(nothing === 0 ? [] : [`${nothing} with nothing left to revoke`]),
    ...(unrevoked === 0 ? [] : [`${unrevoked} ended here alone`]),
  ].join(', ');
  const rest = finishedAt === null ? `, ${left} left` : ', done';
  return `${id}  ${whose}: ${doneOf(departure)} of ${total} ended (${outcomes})${rest}`;
};

const troubleText = ({ provider, stoppedAt, reconnect, failures }: RefreshTrouble): string =>
  [
    provider.id,
    ...(stoppedAt === null
      ? []
      : [`  refused our client since ${when(stoppedAt)}: mend it, then oriel provider retry ${provider.id}`]),
    ...reconnect.map(({ reason, count }) => `  ${count} to be connected again: ${reason}`),
    ...failures.map(({ at, what, code, times, requestId }) => {
      const often = times === 1 ? '' : ` (${times} times)`;
      const deed = what === 'renewing' ? '' : ` (${what})`;
      return `  failed ${when(at)}: ${code}${often}${deed}${requestId === null ? '' : `, request ${requestId}`}`;
    }),
  ].join('\n');

/** Why tokens are not renewed, for people. */
export const troublesText = (troubles: readonly RefreshTrouble[]): string =>
  troubles.length === 0 ? 'Every provider renews its tokens.' : troubles.map(troubleText).join('\n');

/** What became of letting stopped clients ask again. */
export const retriedText = (provider: string | null, count: number): string => {
  const whose = provider ?? 'any provider';
  return count === 0
    ? `No client of ${whose} was stopped.`
    : `${count === 1 ? 'One client' : `${count} clients`} of ${whose} may ask for tokens again.`;
};
