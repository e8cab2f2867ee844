import type { Actor } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Clock } from '../../domain/system.js';
import type { Certificate, ReadCertificates } from '../../net/certificates.js';
import { CONSOLE } from '../records/declared.js';
import type { ManagedRecord, Records } from '../records/record-types.js';

/** Trusting certificates for one provider alone. */
export interface Trust {
  /** What somebody pasted, to be looked at before it is trusted. Throws `InvalidRecord` when there is no certificate, or one has ended. */
  certificatesIn(id: string, text: string): readonly Certificate[];
  /** Adds them to the provider's record. Throws as `certificatesIn` and as `Records.change` do. */
  trust(id: string, text: string, by: Actor): Promise<ManagedRecord>;
}

interface Ports {
  readonly records: Pick<Records, 'get' | 'change'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly readCertificates: ReadCertificates;
}

const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

const wrong = (id: string, problem: string, expected: string): InvalidRecord =>
  new InvalidRecord([
    { file: CONSOLE, path: `providers.${id}.certificates`, line: null, problem, expected, example: null },
  ]);

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

export const trusting = ({ records, clock, readCertificates }: Ports): Trust => {
  const certificatesIn = (id: string, text: string): readonly Certificate[] => {
    const found = text.includes('PRIVATE KEY-----') ? null : readCertificates(text);
    if (found === null) {
      throw wrong(
        id,
        'this is no certificate that can be read',
        'PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, and no private key',
      );
    }
    const past = found.find(({ until }) => until < clock.now());
    if (past === undefined) return found;
    throw wrong(
      id,
      `the certificate ${past.subject} expired on ${day.format(past.until)}`,
      'a certificate that is valid: its time is checked at each connection, whoever trusts it',
    );
  };

  return {
    certificatesIn,
    async trust(id, text, by) {
      const found = certificatesIn(id, text);
      const record = await records.get('provider', id);
      if (record.entry === null) {
        throw new AppError(
          'record_changed',
          'This provider cannot be read, so that nothing can be added to it.',
          'No key of the key ring opens it: put back the key that sealed it, or write it anew.',
        );
      }
      const known = textsIn(record.entry.certificates);
      const held = new Set(known.flatMap((pem) => readCertificates(pem) ?? []).map(({ sha256 }) => sha256));
      const fresh = found.filter(({ sha256 }) => !held.has(sha256)).map(({ pem }) => pem);
      const entry = { ...record.entry, certificates: [...known, ...fresh] };
      // A record of the file has no version, and is refused as such whatever version is named.
      return records.change('provider', id, entry, record.version ?? 0, by);
    },
  };
};
