import type { HostAlgorithm } from '../host.js';
import { literal } from './literals.js';
import {
  ABOUT_SECRET,
  aboutKey,
  type Endpoint,
  KEY_ID_VARIABLE,
  PRIVATE_KEY_VARIABLE,
  SECRET_VARIABLE,
  type SnippetFacts,
} from './snippet-facts.js';

const text = literal.php;

interface Signing {
  readonly install: string | null;
  readonly uses: string;
  readonly functions: string;
}

const composed = (
  algorithm: string,
  kid: string,
  key: string,
  signature: string,
): string => `function oriel_encode(string $data): string
{
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}

function oriel_sign(array $claims): string
{
${key}
    $header = ['alg' => '${algorithm}', 'typ' => 'JWT'${kid}];
    $parts = array_map(fn ($part) => oriel_encode(json_encode($part, JSON_THROW_ON_ERROR)), [$header, $claims]);
    $signed = implode('.', $parts);
    return $signed . '.' . oriel_encode(${signature});
}`;

const withSecret: Signing = {
  install: null,
  uses: '',
  functions: composed(
    'HS256',
    '',
    `    // ${ABOUT_SECRET}
    $secret = (string) getenv('${SECRET_VARIABLE}');
    if (strlen($secret) < 32) {
        throw new RuntimeException('${SECRET_VARIABLE} must hold at least 32 bytes.');
    }`,
    `hash_hmac('sha256', $signed, $secret, true)`,
  ),
};

const withPrivateKey = (algorithm: Exclude<HostAlgorithm, 'HS256'>, namesKey: boolean): Signing => {
  const kid = namesKey ? `getenv('${KEY_ID_VARIABLE}')` : '';
  const inHeader = namesKey ? `, 'kid' => ${kid}` : '';
  const pem = `getenv('${PRIVATE_KEY_VARIABLE}')`;
  const where = `    // ${aboutKey(namesKey)}`;
  if (algorithm === 'EdDSA')
    return {
      install: null,
      uses: '',
      functions: composed(
        algorithm,
        inHeader,
        `${where}
    // The last 32 bytes of such a key are its seed (RFC 8410 §7).
    $seed = substr(base64_decode(preg_replace('/-----[^-]+-----|\\s/', '', ${pem})), -32);
    $key = sodium_crypto_sign_secretkey(sodium_crypto_sign_seed_keypair($seed));`,
        'sodium_crypto_sign_detached($signed, $key)',
      ),
    };
  if (algorithm === 'PS256')
    return {
      install: 'composer require phpseclib/phpseclib',
      uses: 'use phpseclib3\\Crypt\\PublicKeyLoader;\nuse phpseclib3\\Crypt\\RSA;\n\n',
      functions: composed(
        algorithm,
        inHeader,
        `${where}
    $key = PublicKeyLoader::loadPrivateKey(${pem})->withPadding(RSA::SIGNATURE_PSS)
        ->withHash('sha256')->withMGFHash('sha256')->withSaltLength(32);`,
        '$key->sign($signed)',
      ),
    };
  return {
    install: 'composer require firebase/php-jwt',
    uses: 'use Firebase\\JWT\\JWT;\n\n',
    functions: `function oriel_sign(array $claims): string
{
${where}
    return JWT::encode($claims, ${pem}, '${algorithm}'${namesKey ? `, ${kid}` : ''});
}`,
  };
};

/** A function that answers the request of a script of its own. */
export const phpEndpoint = (facts: SnippetFacts): Endpoint => {
  const { algorithm } = facts;
  const signing = algorithm === 'HS256' ? withSecret : withPrivateKey(algorithm, facts.namesKey);
  return {
    language: 'php',
    title: 'PHP',
    file: 'oriel_token.php',
    install: signing.install,
    code: `<?php
// oriel_token.php
declare(strict_types=1);

${signing.uses}const ORIEL_HOST = ${text(facts.host)};
const ORIEL_GADGET = ${text(facts.gadget)};
const ORIEL_GADGET_ORIGIN = ${text(facts.gadgetOrigin)};
const ORIEL_OWN_ORIGINS = [${facts.origins.map(text).join(', ')}];

${signing.functions}

/**
 * "id" never changes and is never given to somebody else: an account's number, not a mail address. "params" in the claims
 * would lock parameters; without "gadget" the token serves every gadget of this host.
 */
function oriel_token_for(array $user): string
{
    $now = time();
    $claims = [
        'iss' => ORIEL_HOST,
        'aud' => ORIEL_GADGET_ORIGIN,
        'sub' => $user['id'],
        'name' => $user['name'] ?? null,
        'gadget' => ORIEL_GADGET,
        'iat' => $now,
        'exp' => $now + 60,
        'jti' => bin2hex(random_bytes(16)),
    ];
    return oriel_sign(array_filter($claims, fn ($value) => $value !== null));
}

function oriel_answer(int $status, array $body): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode($body, JSON_THROW_ON_ERROR);
}

/**
 * The token address: the script there calls oriel_token($signedIn), which asks your own session: ['id' => …, 'name' => …] of
 * whoever is signed in, or null.
 */
function oriel_token(callable $signedIn): void
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        oriel_answer(405, ['error' => 'POST only']);
    } elseif (!preg_match('~^application/json *(;|$)~i', $_SERVER['CONTENT_TYPE'] ?? '')) {
        oriel_answer(415, ['error' => 'JSON only']);
    } elseif (!in_array($_SERVER['HTTP_ORIGIN'] ?? '', ORIEL_OWN_ORIGINS, true)) {
        oriel_answer(403, ['error' => 'another origin']);
    } elseif (($user = $signedIn()) === null) {
        oriel_answer(401, ['error' => 'not signed in']);
    } else {
        oriel_answer(200, ['token' => oriel_token_for($user)]);
    }
}
`,
  };
};
