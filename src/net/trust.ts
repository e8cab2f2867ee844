import * as tls from 'node:tls';

interface SinceNode22 {
  getCACertificates?(kind: 'default'): readonly string[];
}

/** What Node trusts by itself; where it cannot tell (before 22.15), without what `NODE_EXTRA_CA_CERTS` names. */
const systemCertificates = (): readonly string[] => {
  const { getCACertificates }: typeof tls & SinceNode22 = tls;
  return getCACertificates?.('default') ?? tls.rootCertificates;
};

/**
 * What TLS trusts when it trusts these certificates (PEM) beside the system's; undefined where the system's are all. A server's own
 * certificate is enough, without the authority that signed it. Names and validity are checked as ever.
 */
export const trusting = (
  certificates: readonly string[],
  system: () => readonly string[] = systemCertificates,
): tls.SecureContext | undefined =>
  certificates.length === 0
    ? undefined
    : tls.createSecureContext({
        ca: [...system(), ...certificates],
        allowPartialTrustChain: true,
      });
