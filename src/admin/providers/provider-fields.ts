import type { Entry } from '../../domain/setup-record.js';
import { at, type Form, type FormField, put, type Texts, typedIn } from '../records/record-form.js';

const field = (
  name: string,
  path: string,
  label: string,
  kind: FormField['kind'] = 'text',
  needed?: string,
): FormField => ({ name, label, path: path.split('.'), kind, ...(needed !== undefined && { needed }) });

const OR_ISSUER = 'This is needed, or the issuer, whose metadata tells it.';

/** The fields of a provider's form in the order of the page; what they mean is said in the template. */
export const PROVIDER_FIELDS: readonly FormField[] = [
  field('preset', 'preset', 'Kind of application'),
  field('name', 'name', 'Name'),
  field('url', 'url', 'Address', 'text', 'The address is needed: every endpoint is found below it.'),
  field('issuer', 'issuer', 'Issuer'),
  field('api', 'api', 'API', 'text', 'The address is needed below which every call is made.'),
  field('client-id', 'client.id', 'Client id', 'text', 'The provider’s client id is needed.'),
  field('client-secret', 'client.secret', 'Client secret', 'secret', 'The client’s secret is needed.'),
  field('scopes', 'scopes', 'Scopes', 'list'),
  field('allow-addresses', 'allowAddresses', 'Private addresses it may have', 'list'),
  field('certificates', 'certificates', 'Certificates to trust', 'pems'),
  field('authorization-endpoint', 'authorizationEndpoint', 'Authorization endpoint', 'text', OR_ISSUER),
  field('token-endpoint', 'tokenEndpoint', 'Token endpoint', 'text', OR_ISSUER),
  field('revocation-endpoint', 'revocationEndpoint', 'Revocation endpoint'),
  field('account-target', 'account.target', 'Whose account it is: request'),
  field('account-format', 'account.format', '… its format'),
  field('account-id', 'account.id', '… where its id stands'),
  field('account-label', 'account.label', '… where its name stands'),
  field('account-page', 'accountPage', 'Account page'),
  field('client-authentication', 'clientAuthentication', 'Client authentication'),
  field('pkce', 'pkce', 'PKCE'),
  field('iss', 'iss', 'Issuer in answers (RFC 9207)'),
  field('one-grant', 'oneGrantPerAccount', 'A newer grant ends the older', 'flag'),
  field(
    'authorization-parameters',
    'authorizationParameters',
    'Further parameters of the authorization request',
    'pairs',
  ),
  field(
    'select-account-parameters',
    'selectAccountParameters',
    'Parameters that make it ask which account',
    'pairs',
  ),
  field('authorization-header', 'authorizationHeader', 'Authorization header of API calls'),
  field('refused', 'refused', 'Refusals within a 200', 'json'),
  field('token-rejected', 'tokenRejected', 'Answers that reject a token', 'json'),
  field('keep-alive', 'keepAlive', 'Keep connections to the API', 'flag'),
  field('token-type', 'tokenType', 'Token answers say token_type'),
  field('errors-carry-state', 'errorsCarryState', 'Error responses carry state', 'flag'),
  field('refresh-sends-redirect-uri', 'refreshSendsRedirectUri', 'Refreshing sends the redirect URI', 'flag'),
  field('grant-types', 'grantTypes', 'Names of grant types', 'json'),
  field('error-codes', 'errorCodes', 'Names of error codes', 'json'),
  field('scope-descriptions', 'scopeDescriptions', 'What scopes allow, in words', 'pairs'),
];

/** `none` in place of the request means that this provider does not tell whose account it is. */
export const withAccount = (entry: Entry, form: Form): Entry =>
  typedIn(form, 'account-target') === 'none' ? put(entry, ['account'], 'none') : entry;

export const accountValues = (entry: Entry | null): Texts =>
  at(entry, ['account']) === 'none' ? { 'account-target': 'none' } : {};
