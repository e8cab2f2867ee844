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

const text = literal.go;

const LIBRARY = 'github.com/golang-jwt/jwt/v5';

const withSecret = {
  imports: ['crypto/hmac', 'crypto/sha256', 'encoding/base64', 'strings'],
  key: `// ${ABOUT_SECRET}
var secret = func() []byte {
	secret := []byte(os.Getenv("${SECRET_VARIABLE}"))
	if len(secret) < 32 {
		panic("${SECRET_VARIABLE} must hold at least 32 bytes")
	}
	return secret
}()

func sign(claims map[string]any) (string, error) {
	var parts []string
	for _, part := range []any{map[string]string{"alg": "HS256", "typ": "JWT"}, claims} {
		data, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(data))
	}
	signed := strings.Join(parts, ".")
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}`,
};

const withPrivateKey = ({ algorithm, namesKey }: SnippetFacts) => ({
  imports: ['crypto/x509', 'encoding/pem', LIBRARY],
  key: `// ${aboutKey(namesKey)}
var key = func() any {
	block, _ := pem.Decode([]byte(os.Getenv("${PRIVATE_KEY_VARIABLE}")))
	if block == nil {
		panic("${PRIVATE_KEY_VARIABLE} holds no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key
}()

func sign(claims map[string]any) (string, error) {
	token := jwt.NewWithClaims(jwt.GetSigningMethod("${algorithm}"), jwt.MapClaims(claims))
${namesKey ? `	token.Header["kid"] = os.Getenv("${KEY_ID_VARIABLE}") // as in your JWKS\n` : ''}	return token.SignedString(key)
}`,
});

const importsOf = (own: readonly string[]): string => {
  const standard = ['crypto/rand', 'encoding/hex', 'encoding/json', 'net/http', 'os', 'mime', 'time'];
  const line = (name: string): string => `\t"${name}"`;
  const ours = [...standard, ...own].filter((name) => name !== LIBRARY).toSorted();
  const foreign = own.includes(LIBRARY) ? [`\n${line(LIBRARY)}`] : [];
  return [...ours.map(line), ...foreign].join('\n');
};

/** A handler of `net/http`. */
export const goEndpoint = (facts: SnippetFacts): Endpoint => {
  const secret = facts.algorithm === 'HS256';
  const signing = secret ? withSecret : withPrivateKey(facts);
  return {
    language: 'go',
    title: 'Go',
    file: 'orieltoken.go',
    install: secret ? null : `go get ${LIBRARY}`,
    code: `// orieltoken.go, for Go 1.18 and newer
package orieltoken

import (
${importsOf(signing.imports)}
)

const (
	host         = ${text(facts.host)}
	gadget       = ${text(facts.gadget)}
	gadgetOrigin = ${text(facts.gadgetOrigin)}
)

var ownOrigins = map[string]bool{${facts.origins.map((origin) => `${text(origin)}: true`).join(', ')}}

${signing.key}

// User is whoever is signed in. ID never changes and is never given to somebody else: an account's number, not a mail
// address.
type User struct{ ID, Name string }

// TokenFor makes a token for one launch. "params" in the claims would lock parameters; without "gadget" the token serves
// every gadget of this host.
func TokenFor(user User) (string, error) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return "", err
	}
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": host, "aud": gadgetOrigin, "sub": user.ID, "gadget": gadget,
		"iat": now, "exp": now + 60, "jti": hex.EncodeToString(id),
	}
	if user.Name != "" {
		claims["name"] = user.Name
	}
	return sign(claims)
}

// Handler is the token address: http.Handle("${TOKEN_PATH}", orieltoken.Handler(signedIn)). signedIn asks your own
// session: whoever is signed in, or nil.
func Handler(signedIn func(*http.Request) *User) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := func(status int, body map[string]string) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(body)
		}
		mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case r.Method != http.MethodPost:
			answer(http.StatusMethodNotAllowed, map[string]string{"error": "POST only"})
			return
		case mediaType != "application/json":
			answer(http.StatusUnsupportedMediaType, map[string]string{"error": "JSON only"})
			return
		case !ownOrigins[r.Header.Get("Origin")]:
			answer(http.StatusForbidden, map[string]string{"error": "another origin"})
			return
		}
		user := signedIn(r)
		if user == nil {
			answer(http.StatusUnauthorized, map[string]string{"error": "not signed in"})
			return
		}
		token, err := TokenFor(*user)
		if err != nil {
			answer(http.StatusInternalServerError, map[string]string{"error": "no token could be made"})
			return
		}
		answer(http.StatusOK, map[string]string{"token": token})
	}
}
`,
  };
};
