import { z } from 'zod';
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
