import type { SetupKind } from '../../domain/setup-record.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import type { ManagedRecord } from '../records/record-types.js';
import type { Attention, AttentionPorts } from './attention.js';

const MENDS: Readonly<Record<SetupKind, string>> = {
  provider:
    'Nothing is shown through them, and their provider cannot be told: what that takes went with the declaration. Put it back into the file and reload, then take it out and reload again: that revokes them there.',
  host: 'Nothing is shown through them. Put it back if it shall serve; else revoke them all, and their providers are told.',
};

const need = (kind: SetupKind, id: string, count: number): Attention => ({
  kind: 'warning',
  code: 'connections_undeclared',
  message: `${count === 1 ? 'One connection is' : `${count} connections are`} left of the ${kind} ${id}, which is declared nowhere.`,
  mend: MENDS[kind],
  to: { kind: 'connections' },
  since: null,
});

/**
 * Connections of a provider or host that is declared nowhere. Nobody ends them unasked: a server that was started with the wrong file,
 * or with an older one than another server's, knows no better.
 */
export const undeclared = async (
  { stores }: Pick<AttentionPorts, 'stores'>,
  declared: readonly ManagedRecord[],
): Promise<readonly Attention[]> => {
  const live = (await stores.connectionLists.counts()).filter(({ status }) => status !== 'revoking');
  return (['provider', 'host'] as const).flatMap((kind) => {
    const known = new Set([
      CONSOLE_HOST,
      ...declared.filter((each) => each.kind === kind).map(({ id }) => id),
    ]);
    const left = live.filter((each) => !known.has(each[kind]));
    return [...new Set(left.map((each) => each[kind]))].map((id) =>
      need(
        kind,
        id,
        left.filter((each) => each[kind] === id).reduce((sum, { count }) => sum + count, 0),
      ),
    );
  });
};
