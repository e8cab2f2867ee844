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

const text = literal.python;

const claims = `now = int(time.time())
    claims = {
        "iss": HOST,
        "aud": GADGET_ORIGIN,
        "sub": user["id"],
        "gadget": GADGET,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    if user.get("name"):
        claims["name"] = user["name"]`;

const withSecret = {
  imports: `import base64
import hashlib
import hmac
import json
import os
import re
import time
import uuid`,
  key: `# ${ABOUT_SECRET}
SECRET = os.environ["${SECRET_VARIABLE}"].encode()
if len(SECRET) < 32:
    raise ValueError("${SECRET_VARIABLE} must hold at least 32 bytes.")


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")`,
  sign: `header = {"alg": "HS256", "typ": "JWT"}
    signed = b".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.new(SECRET, signed, hashlib.sha256).digest()
    return (signed + b"." + encode(signature)).decode()`,
};

const withPrivateKey = ({ algorithm, namesKey }: SnippetFacts) => ({
  imports: `import json
import os
import re
import time
import uuid

import jwt`,
  key: `# ${aboutKey(namesKey)}
KEY = os.environ["${PRIVATE_KEY_VARIABLE}"]${
    namesKey ? `\nKEY_ID = os.environ["${KEY_ID_VARIABLE}"]  # the "kid" in your JWKS` : ''
  }`,
  sign: `return jwt.encode(claims, KEY, algorithm=${text(algorithm)}${namesKey ? ', headers={"kid": KEY_ID}' : ''})`,
});

/** A WSGI application. */
export const pythonEndpoint = (facts: SnippetFacts): Endpoint => {
  const secret = facts.algorithm === 'HS256';
  const signing = secret ? withSecret : withPrivateKey(facts);
  return {
    language: 'python',
    title: 'Python',
    file: 'oriel_token.py',
    install: secret ? null : 'pip install "pyjwt[crypto]"',
    code: `# oriel_token.py
${signing.imports}

HOST = ${text(facts.host)}
GADGET = ${text(facts.gadget)}
GADGET_ORIGIN = ${text(facts.gadgetOrigin)}
OWN_ORIGINS = [${facts.origins.map(text).join(', ')}]
${signing.key}


def token_for(user):
    # "id" never changes and is never given to somebody else: an account's number, not a mail address. "params" in the
    # claims would lock parameters; without "gadget" the token serves every gadget of this host.
    ${claims}
    ${signing.sign}


def oriel_token(signed_in):
    """The token address as a WSGI application, to be mounted at ${TOKEN_PATH}. signed_in(environ) asks
    your own session: a dict with "id" and "name" of whoever is signed in, or None."""

    def refusal(environ):
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed"
        if not re.match(r"application/json *(;|$)", environ.get("CONTENT_TYPE", ""), re.IGNORECASE):
            return "415 Unsupported Media Type"
        return None if environ.get("HTTP_ORIGIN") in OWN_ORIGINS else "403 Forbidden"

    def application(environ, start_response):
        status = refusal(environ)
        user = None if status else signed_in(environ)
        if status is None:
            status = "200 OK" if user else "401 Unauthorized"
        start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [json.dumps({"token": token_for(user)} if user else {"error": status}).encode()]

    return application
`,
  };
};
