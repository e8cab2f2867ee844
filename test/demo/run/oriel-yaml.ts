/** Where everything of one run is: bases without a slash at the end. */
export interface Addresses {
  readonly gocd: string;
  readonly mingle: string;
  readonly portal: string;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly orielPort: number;
}

/** Oriel's configuration for the demo; the secrets come from its environment, as they would in production. */
export const orielYaml = (at: Addresses): string => `gadgetOrigin: ${at.gadgetOrigin}
siteOrigin: ${at.siteOrigin}
listen: { host: 127.0.0.1, port: ${at.orielPort} }
database: sqlite:./oriel.db
keys: [ "\${ORIEL_KEY}" ]
hosts:
  gocd:
    name: GoCD
    origins: [ ${at.gocd} ]
    key: { algorithm: HS256, secret: "\${GOCD_HOST_SECRET}" }
    gadgets: [ mingle-card-activity, mingle-cards ]
    providers: [ mingle ]
  mingle:
    name: Mingle
    origins: [ ${at.mingle} ]
    key: { algorithm: HS256, secret: "\${MINGLE_HOST_SECRET}" }
    gadgets: [ gocd-pipelines, gocd-pipeline-activity ]
    providers: [ gocd ]
  portal:
    name: Portal
    origins: [ ${at.portal} ]
    key: { algorithm: HS256, secret: "\${PORTAL_HOST_SECRET}" }
    gadgets: [ gocd-pipelines, mingle-cards, gocd-card-activity ]
    providers: [ gocd, mingle ]
providers:
  mingle:
    preset: mingle
    name: Mingle
    url: ${at.mingle}
    client: { id: "\${MINGLE_ID}", secret: "\${MINGLE_SECRET}" }
    # Mingle and GoCD keep one grant of each person and client: hosts with a client of their own don't end each other's.
    clients:
      portal: { id: "\${MINGLE_PORTAL_ID}", secret: "\${MINGLE_PORTAL_SECRET}" }
    allowAddresses: [ 127.0.0.0/8, "::1/128" ]
  gocd:
    preset: gocd
    name: GoCD
    url: ${at.gocd}/go
    # This stand-in has both: the OAuth of GoCD up to 18.7, and the API of GoCD today.
    edition: current
    client: { id: "\${GOCD_ID}", secret: "\${GOCD_SECRET}" }
    clients:
      portal: { id: "\${GOCD_PORTAL_ID}", secret: "\${GOCD_PORTAL_SECRET}" }
    allowAddresses: [ 127.0.0.0/8, "::1/128" ]
`;

/** The names of the secrets in it. */
export const orielSecrets = (at: Addresses): readonly string[] =>
  Array.from(orielYaml(at).matchAll(/\$\{(\w+)\}/g), ([, name = '']) => name);
