import type { Mistake } from '../domain/document-path.js';
import { CONSOLE_HOST } from '../hosts/console-host.js';
import type { HostEntry } from '../hosts/host-schema.js';
import { companyMistakes, connectMistakes, publicKeyProblem } from '../hosts/host-schema.js';
import { providerMistakes, registrationMistakes } from '../providers/provider-checks.js';
import { readRingKey } from './key-ring.js';
import type { Parts } from './parts.js';

const originMistakes = ({ gadgetOrigin, siteOrigin }: Parts): readonly Mistake[] =>
  gadgetOrigin === null || gadgetOrigin !== siteOrigin
    ? []
    : [
        {
          path: ['siteOrigin'],
          problem: 'this is the same origin as gadgetOrigin',
          expected:
            'another origin than gadgetOrigin: framed pages must not share one with the pages people visit',
          example: 'https://oriel.example.com',
        },
      ];

const keyMistakes = ({ keys }: Parts): readonly Mistake[] => {
  const ids = keys.map((key) => readRingKey(key)?.id);
  return ids.flatMap((id, index) =>
    id === undefined || ids.indexOf(id) === index
      ? []
      : [
          {
            path: ['keys', index],
            problem: `a key with the id ${id} was already given`,
            expected: 'ids that occur once; run `oriel keys new` for a key with an id of its own',
            example: null,
          },
        ],
  );
};

/** The id under which the console shows gadgets is its own. */
const builtInMistakes = (id: string): readonly Mistake[] =>
  id !== CONSOLE_HOST
    ? []
    : [
        {
          path: ['hosts', id],
          problem: 'this id belongs to the server’s own console',
          expected: 'another id',
          example: 'gocd',
        },
      ];

const hostMistakes = (id: string, host: HostEntry, parts: Parts): readonly Mistake[] => {
  const path = ['hosts', id];
  const own = host.origins.flatMap((origin, index) =>
    origin === parts.gadgetOrigin || origin === parts.siteOrigin
      ? [
          {
            path: [...path, 'origins', index],
            problem: "this is one of the server's own origins",
            expected: 'the origin of the pages that frame gadgets, which is another',
            example: 'https://gocd.example.com',
          },
        ]
      : [],
  );
  const unknown = host.providers.flatMap((provider, index) =>
    parts.providerIds.has(provider)
      ? []
      : [
          {
            path: [...path, 'providers', index],
            problem: `there is no provider ${provider}`,
            expected: 'an id under `providers`, or of a provider made in the console',
            example: [...parts.providerIds][0] ?? null,
            elsewhere: true as const,
          },
        ],
  );
  const problem = 'publicKey' in host.key ? publicKeyProblem(host.key.publicKey, host.key.algorithms) : null;
  const key =
    problem === null
      ? []
      : [
          {
            path: [...path, 'key', 'publicKey'],
            problem,
            expected: "the host's public key for the algorithms named: PEM (SPKI) or a JWK as JSON",
            example: `\${file:./${id}.pub.pem}`,
          },
        ];
  return [
    ...builtInMistakes(id),
    ...own,
    ...unknown,
    ...key,
    ...connectMistakes(id, host),
    ...companyMistakes(id, host),
  ];
};

/** What no single value shows: mistakes between the parts. */
export const crossChecks = (parts: Parts): readonly Mistake[] => [
  ...originMistakes(parts),
  ...keyMistakes(parts),
  ...[...parts.hosts].flatMap(([id, host]) => hostMistakes(id, host, parts)),
  ...[...parts.providers].flatMap(([id, provider]) => providerMistakes(id, provider, parts)),
  ...registrationMistakes(parts),
];
