import { z } from 'zod';
import { baseUrl, described, label } from '../domain/value-kinds.js';
import { dialect, grantTypeName } from './dialect-schema.js';

const path = z.string().regex(/^\/[\x21-\x7e]*$/, 'this does not begin with a slash');

/** A file of `presets/`: the keys a preset adds to those of a provider's record, which stand below `record`. */
export const presetSchema = z.strictObject({
  title: described(label(80), 'What people call this kind of application', 'Mingle'),
  about: described(
    label(300),
    'A line about it, shown where presets are chosen in the console',
    'ThoughtWorks Mingle',
  ),
  note: described(label(80), 'What its name does not say, in a word or two', 'the standards').exactOptional(),
  order: described(z.int(), 'Its place where presets are listed; the lower comes first', 1),
  default: described(
    z.literal(true),
    'Set in one file: the preset of a provider that names none, and of what other presets leave out',
    true,
  ).exactOptional(),
  url: described(
    z.strictObject({
      example: described(baseUrl, 'What such a url looks like', 'https://gocd.example.com/go'),
      ending: described(path, 'What such a url always ends with', '/go').exactOptional(),
      paths: z.strictObject({
        authorizationEndpoint: described(path, 'Where people give consent', '/oauth/authorize'),
        tokenEndpoint: described(path, 'Where codes become tokens', '/oauth/token'),
        accountPage: described(
          path,
          'Where people see what may use their account',
          '/oauth/tokens',
        ).exactOptional(),
      }),
    }),
    "Where the provider's endpoints lie below its `url`, which is then needed",
    { example: 'https://gocd.example.com/go' },
  ).exactOptional(),
  record: z.strictObject(dialect),
});

/** What has to be settled once a preset and the default are put together. */
export const settledSchema = z
  .strictObject({
    ...dialect,
    grantTypes: z.strictObject({ authorizationCode: grantTypeName, refreshToken: grantTypeName }),
  })
  .required({
    clientAuthentication: true,
    pkce: true,
    tokenType: true,
    authorizationHeader: true,
    errorCodes: true,
    errorsCarryState: true,
    refreshSendsRedirectUri: true,
    account: true,
    oneGrantPerAccount: true,
    selectAccountParameters: true,
  });
