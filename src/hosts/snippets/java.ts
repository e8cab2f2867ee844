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

const text = literal.java;

/** The JDK's own names (JCA), with the forms of signature that RFC 7518 §3 and RFC 8037 §3.1 ask for. */
const JCA: Readonly<
  Record<Exclude<HostAlgorithm, 'HS256'>, { readonly key: string; readonly signature: string }>
> = {
  ES256: { key: 'EC', signature: 'SHA256withECDSAinP1363Format' },
  EdDSA: { key: 'Ed25519', signature: 'Ed25519' },
  RS256: { key: 'RSA', signature: 'SHA256withRSA' },
  PS256: { key: 'RSA', signature: 'RSASSA-PSS' },
};

interface Signing {
  readonly imports: readonly string[];
  readonly fields: string;
  readonly header: string;
  readonly sign: string;
}

const withSecret: Signing = {
  imports: ['javax.crypto.Mac', 'javax.crypto.spec.SecretKeySpec'],
  fields: `  // ${ABOUT_SECRET}
  private static final byte[] SECRET = secret();

  private static byte[] secret() {
    byte[] secret = System.getenv().getOrDefault("${SECRET_VARIABLE}", "").getBytes(StandardCharsets.UTF_8);
    if (secret.length < 32) throw new IllegalStateException("${SECRET_VARIABLE} must hold at least 32 bytes.");
    return secret;
  }`,
  header: `"{\\"alg\\":\\"HS256\\",\\"typ\\":\\"JWT\\"}"`,
  sign: `    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
    return mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));`,
};

const withPrivateKey = (algorithm: Exclude<HostAlgorithm, 'HS256'>, namesKey: boolean): Signing => ({
  imports: [
    'java.security.KeyFactory',
    'java.security.PrivateKey',
    'java.security.Signature',
    ...(algorithm === 'PS256'
      ? ['java.security.spec.MGF1ParameterSpec', 'java.security.spec.PSSParameterSpec']
      : []),
    'java.security.spec.PKCS8EncodedKeySpec',
  ],
  fields: `  // ${aboutKey(namesKey)}
  private static final PrivateKey KEY = privateKey();${
    namesKey
      ? `\n  private static final String KEY_ID = System.getenv("${KEY_ID_VARIABLE}"); // the "kid" in your JWKS`
      : ''
  }

  private static PrivateKey privateKey() {
    try {
      String pem = System.getenv("${PRIVATE_KEY_VARIABLE}").replaceAll("-----[^-]+-----|\\\\s", "");
      return KeyFactory.getInstance("${JCA[algorithm].key}").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException("${PRIVATE_KEY_VARIABLE} holds no key for ${algorithm}.", error);
    }
  }`,
  header: `"{\\"alg\\":\\"${algorithm}\\",\\"typ\\":\\"JWT\\"${namesKey ? ',\\"kid\\":" + json(KEY_ID) + "' : ''}}"`,
  sign: `    Signature signature = Signature.getInstance("${JCA[algorithm].signature}");
${
  algorithm === 'PS256'
    ? '    signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));\n'
    : ''
}    signature.initSign(KEY);
    signature.update(signed.getBytes(StandardCharsets.UTF_8));
    return signature.sign();`,
});

const importsOf = ({ imports }: Signing): string =>
  [
    'com.sun.net.httpserver.HttpExchange',
    'com.sun.net.httpserver.HttpHandler',
    'java.io.IOException',
    'java.nio.charset.StandardCharsets',
    'java.security.GeneralSecurityException',
    'java.time.Instant',
    'java.util.Base64',
    'java.util.List',
    'java.util.UUID',
    'java.util.function.Function',
    ...imports,
  ]
    .toSorted()
    .map((name) => `import ${name};`)
    .join('\n');

/** A handler of the JDK's own server: the JDK has every signature a host may use, in the form that a JWT wants it. */
export const javaEndpoint = (facts: SnippetFacts): Endpoint => {
  const { algorithm } = facts;
  const signing = algorithm === 'HS256' ? withSecret : withPrivateKey(algorithm, facts.namesKey);
  return {
    language: 'java',
    title: 'Java',
    file: 'OrielToken.java',
    install: null,
    code: `// OrielToken.java, for Java 17 and newer
${importsOf(signing)}

/**
 * The token address, for the JDK's own server; elsewhere make the same checks and call tokenFor. signedIn asks your own
 * session: whoever is signed in, or null.
 */
public record OrielToken(Function<HttpExchange, OrielToken.User> signedIn) implements HttpHandler {
  /** "id" never changes and is never given to somebody else: an account's number, not a mail address. */
  public record User(String id, String name) {}

  private static final String HOST = ${text(facts.host)};
  private static final String GADGET = ${text(facts.gadget)};
  private static final String GADGET_ORIGIN = ${text(facts.gadgetOrigin)};
  private static final List<String> OWN_ORIGINS = List.of(${facts.origins.map(text).join(', ')});
${signing.fields}

  /** "params" in the claims would lock parameters; without "gadget" the token serves every gadget of this host. */
  public static String tokenFor(User user) throws GeneralSecurityException {
    long now = Instant.now().getEpochSecond();
    String claims = "{\\"iss\\":" + json(HOST) + ",\\"aud\\":" + json(GADGET_ORIGIN) + ",\\"sub\\":" + json(user.id())
        + (user.name() == null ? "" : ",\\"name\\":" + json(user.name())) + ",\\"gadget\\":" + json(GADGET)
        + ",\\"iat\\":" + now + ",\\"exp\\":" + (now + 60) + ",\\"jti\\":" + json(UUID.randomUUID().toString()) + "}";
    String signed = encode(bytes(${signing.header})) + "." + encode(bytes(claims));
    return signed + "." + encode(signature(signed));
  }

  private static byte[] signature(String signed) throws GeneralSecurityException {
${signing.sign}
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String encode(byte[] data) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
  }

  private static String json(String text) {
    StringBuilder quoted = new StringBuilder("\\"");
    for (char each : text.toCharArray())
      quoted.append(each < ' ' || each == '"' || each == '\\\\' ? String.format("\\\\u%04x", (int) each) : each);
    return quoted.append('"').toString();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    String type = headers.getFirst("Content-Type");
    if (!exchange.getRequestMethod().equals("POST")) answer(exchange, 405, "{\\"error\\":\\"POST only\\"}");
    else if (type == null || !type.matches("(?i)application/json *(;.*)?")) answer(exchange, 415, "{\\"error\\":\\"JSON only\\"}");
    else if (!OWN_ORIGINS.contains(String.valueOf(headers.getFirst("Origin")))) answer(exchange, 403, "{\\"error\\":\\"another origin\\"}");
    else give(exchange, signedIn.apply(exchange));
  }

  private static void give(HttpExchange exchange, User user) throws IOException {
    try {
      if (user == null) answer(exchange, 401, "{\\"error\\":\\"not signed in\\"}");
      else answer(exchange, 200, "{\\"token\\":" + json(tokenFor(user)) + "}");
    } catch (GeneralSecurityException error) {
      throw new IOException(error);
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(status, bytes(body).length);
      exchange.getResponseBody().write(bytes(body));
    }
  }
}
`,
  };
};
