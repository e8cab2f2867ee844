import type { Directory } from '../../config/directory.js';
import { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import { foreignNames, readParameters } from '../../gadgets/parameters.js';
import { type Host, mayShow, mayUse } from '../../hosts/host.js';
import { clientFor } from '../../providers/provider.js';

/** Something without which the embedding cannot work yet, and how to mend it. */
export interface Missing {
  readonly problem: string;
  readonly mend: string;
  /** Whether it is what the page says, not how things are set up. */
  readonly ofParameters: boolean;
}

const ofProvider = (directory: Directory, host: Host, id: string): readonly Missing[] => {
  const provider = directory.provider(id);
  const allowed: readonly Missing[] = mayUse(host, id)
    ? []
    : [
        {
          problem: `Viewers of ${host.name} may not connect to “${id}”, which the gadget needs.`,
          mend: `Add “${id}” to hosts.${host.id}.providers.`,
          ofParameters: false,
        },
      ];
  if (provider === undefined)
    return [
      ...allowed,
      {
        problem: `There is no provider “${id}” in force.`,
        mend: `Make one, or see whether its metadata could be read.`,
        ofParameters: false,
      },
    ];
  if (clientFor(provider, host.id) !== null) return allowed;
  return [
    ...allowed,
    {
      problem: `${provider.name} has no client for this host.`,
      mend: `Register Oriel there, and give providers.${id}.client, or providers.${id}.clients.${host.id}, its id and secret.`,
      ofParameters: false,
    },
  ];
};

const ofParameters = (gadget: Gadget, given: ReadonlyMap<string, string>): readonly Missing[] => {
  const ignored = foreignNames(gadget, given.keys()).map((name) => ({
    problem: `The gadget “${gadget.id}” has no parameter “${name.slice(0, 64)}”, and ignores it.`,
    mend: 'Correct its name on the page, or take it away.',
    ofParameters: true,
  }));
  try {
    readParameters(gadget, given, {});
    return ignored;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [
      { problem: error.message, mend: 'Change the value on the page.', ofParameters: true },
      ...ignored,
    ];
  }
};

/** What still keeps this gadget from working on this host's pages, the most fundamental first. */
export const missingFor = (
  directory: Directory,
  host: Host,
  gadget: Gadget,
  given: ReadonlyMap<string, string>,
): readonly Missing[] => [
  ...(mayShow(host, gadget.id)
    ? []
    : [
        {
          problem: `${host.name} may not show the gadget “${gadget.id}”.`,
          mend: `Add “${gadget.id}” to hosts.${host.id}.gadgets.`,
          ofParameters: false,
        },
      ]),
  ...gadget.providers.flatMap((id) => ofProvider(directory, host, id)),
  ...ofParameters(gadget, given),
];
