import * as z from 'zod';
import { time } from '../api-schemas.js';

const LIGHTS = ['green', 'yellow', 'red'] as const;

export const certificate = z
  .object({
    subject: z.string(),
    issuer: z.string(),
    names: z.array(z.string()),
    from: time,
    until: time,
    sha256: z.string(),
    sha1: z.string(),
    pem: z.string(),
  })
  .meta({ id: 'Certificate', description: 'An X.509 certificate as people compare it.' });

/** What a dry run on the command line tests of a provider. */
export const dryRunOptions = z.object({
  file: z
    .string()
    .exactOptional()
    .describe('An entry that is not saved, as in oriel.yaml; - reads standard input'),
  host: z.string().exactOptional().describe('Test only the registration in force for this host'),
});

const FINGERPRINT = /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

/** What certificate is to be trusted: one that is given, or one that the server presents. */
export const trustOptions = z.object({
  file: z
    .string()
    .exactOptional()
    .describe('PEM of a private authority or of the server itself; - reads standard input'),
  sha256: z
    .string()
    .regex(FINGERPRINT, '--sha256 takes a fingerprint as printed by “oriel provider test”: 3A:7F:…')
    .exactOptional()
    .describe('The certificate that the server presents now, if it has this fingerprint that you were given'),
});

export const pastedCertificates = z.strictObject({
  certificates: z.string().meta({ description: 'PEM: of an authority, or one of `trustable` of a dry run' }),
});

const line = z
  .object({
    light: z.enum(LIGHTS),
    code: z.string(),
    about: z.string(),
    sentence: z.string(),
    cause: z.string().nullable(),
    fix: z.string().nullable(),
    chain: z.array(certificate),
    trustable: z.array(certificate),
  })
  .meta({ id: 'Line', description: 'What one check of a dry run found.' });

export const dryRunLines = z.object({
  light: z.enum(LIGHTS).meta({ description: 'The worst of its lines' }),
  items: z.array(line),
});
