import type { Provider } from '../../providers/provider.js';
import type { ManagedRecord } from '../records/record-types.js';
import type { Attention, AttentionPorts } from './attention.js';

const SOON = 14 * 24 * 60 * 60_000;

const unopened = ({ kind, id, name }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'record_unopened',
  message: `No key of the key ring opens the ${kind} ${name}: it serves nobody.`,
  mend: 'Put the key back that sealed it, and restart; or remove it and make it anew.',
  to: { kind, id },
  since: null,
});

const undiscovered = ({ id, name }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'provider_undiscovered',
  message: `The metadata of ${name} could not be read yet: nobody can connect to it.`,
  mend: 'They must be readable at its issuer. They are asked for again by themselves; the dry run says what is wrong.',
  to: { kind: 'provider', id },
  since: null,
});

const expiring = ({ id, name }: ManagedRecord, over: boolean): Attention => ({
  kind: over ? 'bad' : 'warning',
  code: over ? 'certificate_expired' : 'certificate_expiring',
  message: `A certificate that is trusted for ${name} alone ${over ? 'has expired' : 'expires within two weeks'}.`,
  mend: 'Look whether the provider has a new one (the dry run shows it), and put that into its record.',
  to: { kind: 'provider', id },
  since: null,
});

const faulty = ({ kind, id, name, faults }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'record_faulty',
  message: `The ${kind} ${name} does not fit the rest of the configuration any more, and serves nobody.`,
  mend: `${faults.map(({ problem }) => `${problem}.`).join(' ')} Change it, or what it names.`,
  to: { kind, id },
  since: null,
});

/** When the first of the certificates ends that are trusted for a provider alone; infinity where none is. */
const firstEnd = ({ certificates }: Provider, { certificateEnd }: AttentionPorts): number =>
  Math.min(...certificates.map(certificateEnd).filter((end) => end !== null));

/** What a record of the configuration needs to serve anybody. */
export const recordNeeds =
  (ports: AttentionPorts) =>
  (record: ManagedRecord): readonly Attention[] => {
    if (record.leavingAt !== null) return [];
    if (record.entry === null) return [unopened(record)];
    if (record.faults.length > 0) return [faulty(record)];
    if (record.kind === 'host') return [];
    const provider = ports.directory.provider(record.id);
    if (provider === undefined) return [undiscovered(record)];
    const left = firstEnd(provider, ports) - ports.clock.now();
    return left > SOON ? [] : [expiring(record, left <= 0)];
  };
