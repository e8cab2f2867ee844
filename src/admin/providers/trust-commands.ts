import { type CommandLine, group, type Told, telling, withJson } from '../../cli/command.js';
import { readText } from '../../config/read-entry.js';
import type { Certificate } from '../../net/certificates.js';
import type { Managed } from '../../server/management-at.js';
import { certificateText } from './certificate-command-text.js';

interface Options {
  readonly file?: string;
  readonly sha256?: string;
}

const FINGERPRINT = /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

/** The certificate of this fingerprint, where trusting it would mend what a dry run finds now. */
const shown = async (
  { management, by }: Managed,
  id: string,
  fingerprint: string,
): Promise<readonly Certificate[]> => {
  if (!FINGERPRINT.test(fingerprint))
    throw new Error('--sha256 takes a fingerprint as “oriel provider test” prints it: 3A:7F:…');
  const lines = await management.tests.ofSaved(id, by);
  const found = lines
    .flatMap(({ trustable }) => trustable)
    .find(({ sha256 }) => sha256 === fingerprint.toUpperCase());
  if (found !== undefined) return [found];
  throw new Error(
    `No server of ${id} shows a certificate of this fingerprint that trust alone would mend. “oriel provider test ${id}” tells what they show.`,
  );
};

const trust = async (
  managed: Managed,
  { file, sha256 }: Options,
  [id = '']: readonly string[],
): Promise<Told> => {
  const { management, by } = managed;
  if ((file === undefined) === (sha256 === undefined))
    throw new Error('Say what to trust: --file with a certificate, or --sha256 with a fingerprint.');
  const certificates =
    sha256 === undefined
      ? management.tests.certificatesIn(id, readText(file ?? '-', 'a certificate as PEM'))
      : await shown(managed, id, sha256);
  const record = await management.tests.trust(id, certificates.map(({ pem }) => pem).join('\n'), by);
  return {
    json: record,
    text: [
      ...certificates.map(certificateText),
      `From now on this is trusted for ${id} alone. Running servers take it up within two seconds.`,
    ].join('\n\n'),
  };
};

/** `oriel provider trust` */
export const providerTrustCommand = ({ oriel, root }: CommandLine): void => {
  withJson(group(oriel, 'provider').command('trust'))
    .description('trust a certificate for this provider alone, beside those that it trusts')
    .argument('<id>')
    .option(
      '-f, --file <file>',
      'PEM, of a private authority or of the server itself; - reads standard input',
    )
    .option(
      '--sha256 <fingerprint>',
      'the certificate that the server shows now, if it has this fingerprint, which somebody told you',
    )
    .action(telling<Options>(root, trust));
};
