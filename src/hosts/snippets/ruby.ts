import { literal } from './literals.js';
import {
  ABOUT_SECRET,
  aboutKey,
  type Endpoint,
  KEY_ID_VARIABLE,
  PRIVATE_KEY_VARIABLE,
  SECRET_VARIABLE,
  type SnippetFacts,
  TOKEN_PATH,
} from './snippet-facts.js';

const text = literal.ruby;

const encode = `
  def encode(data)
    [data].pack('m0').tr('+/', '-_').delete('=')
  end
`;

const joined = (
  header: string,
  sign: string,
): string => `signed = [${header}, claims].map { |part| encode(JSON.generate(part)) }.join('.')
    "#{signed}.#{encode(${sign})}"`;

const privateKey = ({ namesKey }: SnippetFacts): string =>
  `# ${aboutKey(namesKey)}
  KEY = OpenSSL::PKey.read(ENV.fetch('${PRIVATE_KEY_VARIABLE}'))${
    namesKey ? `\n  KEY_ID = ENV.fetch('${KEY_ID_VARIABLE}') # the "kid" in your JWKS` : ''
  }`;

const withSecret = {
  library: '',
  key: `# ${ABOUT_SECRET}
  SECRET = ENV.fetch('${SECRET_VARIABLE}')
  raise '${SECRET_VARIABLE} must hold at least 32 bytes.' if SECRET.bytesize < 32`,
  sign: joined("{ alg: 'HS256', typ: 'JWT' }", "OpenSSL::HMAC.digest('SHA256', SECRET, signed)"),
  encode,
};

/** The gem needs a second one for EdDSA, whose signature is the very bytes that OpenSSL gives (RFC 8037 §3.1). */
const withEdwardsKey = (facts: SnippetFacts) => ({
  library: '',
  key: privateKey(facts),
  sign: joined(
    `{ alg: 'EdDSA', typ: 'JWT'${facts.namesKey ? ', kid: KEY_ID' : ''} }`,
    'KEY.sign(nil, signed)',
  ),
  encode,
});

const withPrivateKey = (facts: SnippetFacts) => ({
  library: `require 'jwt'\n`,
  key: privateKey(facts),
  sign: `JWT.encode(claims, KEY, ${text(facts.algorithm)}, { typ: 'JWT'${facts.namesKey ? ', kid: KEY_ID' : ''} })`,
  encode: '',
});

const signingOf = (facts: SnippetFacts) => {
  if (facts.algorithm === 'HS256') return withSecret;
  return facts.algorithm === 'EdDSA' ? withEdwardsKey(facts) : withPrivateKey(facts);
};

/** A Rack application. */
export const rubyEndpoint = (facts: SnippetFacts): Endpoint => {
  const signing = signingOf(facts);
  return {
    language: 'ruby',
    title: 'Ruby',
    file: 'oriel_token.rb',
    install: signing.library === '' ? null : 'gem install jwt',
    code: `# oriel_token.rb
require 'json'
${signing.library}require 'openssl'
require 'securerandom'

# The token address as a Rack application; in the routes of Rails:
#   post '${TOKEN_PATH}', to: OrielToken.new { |env| … }
# The block asks your own session: { id:, name: } of whoever is signed in, or nil.
class OrielToken
  HOST = ${text(facts.host)}
  GADGET = ${text(facts.gadget)}
  GADGET_ORIGIN = ${text(facts.gadgetOrigin)}
  OWN_ORIGINS = [${facts.origins.map(text).join(', ')}].freeze
  ${signing.key}

  def initialize(&signed_in)
    @signed_in = signed_in
  end

  def call(env)
    return answer(405, error: 'POST only') unless env['REQUEST_METHOD'] == 'POST'
    return answer(415, error: 'JSON only') unless env['CONTENT_TYPE'].to_s.match?(%r{\\Aapplication/json *(;|\\z)}i)
    return answer(403, error: 'another origin') unless OWN_ORIGINS.include?(env['HTTP_ORIGIN'])

    user = @signed_in.call(env)
    user ? answer(200, token: token_for(user)) : answer(401, error: 'not signed in')
  end

  private

  def answer(status, body)
    [status, { 'content-type' => 'application/json', 'cache-control' => 'no-store' }, [JSON.generate(body)]]
  end

  # "id" never changes and is never given to somebody else: an account's number, not a mail address. "params" in the
  # claims would lock parameters; without "gadget" the token serves every gadget of this host.
  def token_for(user)
    now = Time.now.to_i
    claims = {
      iss: HOST, aud: GADGET_ORIGIN, sub: user[:id], name: user[:name], gadget: GADGET,
      iat: now, exp: now + 60, jti: SecureRandom.uuid
    }.compact
    ${signing.sign}
  end
${signing.encode}end
`,
  };
};
