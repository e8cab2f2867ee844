/** Where everything of one run is: bases without a slash at the end. */
export interface Addresses {
  readonly gocd: string;
  readonly mingle: string;
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
providers:
  mingle:
    preset: mingle
    name: Mingle
    url: ${at.mingle}
    client: { id: "\${MINGLE_ID}", secret: "\${MINGLE_SECRET}" }
    allowAddresses: [ 127.0.0.0/8, "::1/128" ]
`;
