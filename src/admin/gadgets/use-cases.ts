import type { Admin } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { adminViewer, CONSOLE_HOST } from '../../hosts/console-host.js';
import type { Host } from '../../hosts/host.js';
import { signHostToken } from '../../hosts/host-tokens.js';
import { unknownApiFix, unknownApiProblem, unknownApisOf } from '../../hosts/unknown-apis.js';
import type { Instance } from '../../store/instance-store.js';
import type { AdminDeps } from '../admin-deps.js';
import type { Attention } from '../overview/attention.js';

/** Seconds a token of the console is valid. */
const LIFE = 60;

const secretOf = (host: Host | undefined): Secret => {
  if (host?.key.kind !== 'secret') throw new AppError('host_unknown', 'This server has no console.');
  return host.key.secret;
};

/**
 * A token that launches this gadget once, for this administrator: the preview shows it with their own accounts, and no one else's. Throws
 * `gadget_unknown`.
 */
export async function issuePreviewToken(
  {
    directory,
    clock,
    entropy,
    gadgetOrigin,
  }: Pick<AdminDeps, 'directory' | 'clock' | 'entropy' | 'gadgetOrigin'>,
  admin: Admin,
  gadget: string,
): Promise<Secret> {
  // The console may show every gadget; its launch is checked like any other.
  const host = directory.host(CONSOLE_HOST);
  const key = secretOf(host);
  if (gadgetNamed(directory, host, gadget) === undefined)
    throw new AppError('gadget_unknown', 'There is no such gadget.');
  const now = Math.floor(clock.now() / 1000);
  return signHostToken(key, {
    iss: CONSOLE_HOST,
    aud: gadgetOrigin,
    sub: adminViewer(admin).sub,
    name: admin.name,
    gadget,
    iat: now,
    exp: now + LIFE,
    jti: entropy.id(),
  });
}

/** Gadgets with mistakes, by what is wrong: servers may have different files. */
export const faultyGadgetNeeds = (instances: readonly Instance[]): readonly Attention[] => {
  const found = new Map(
    instances.flatMap(({ gadgets }) => gadgets.map((each) => [JSON.stringify(each), each] as const)),
  );
  return [...found.values()].map(({ id, isServed, problem }) => ({
    kind: isServed ? 'warning' : 'bad',
    code: 'gadget_faulty',
    message: isServed
      ? `The gadget ${id} has mistakes, so its last version without mistakes is still served. ${problem}`
      : `The gadget ${id} has mistakes and is left out: no one can see it. ${problem}`,
    fix: 'Correct it (`oriel gadget check` shows where), and reload.',
    to: { kind: 'server' },
    since: null,
  }));
};

/** Gadgets of a host that ask for an API which their provider's record does not have. */
export const unknownApiNeeds = (directory: AdminDeps['directory'], hostId: string): readonly Attention[] => {
  const host = directory.host(hostId);
  return (host?.gadgets ?? []).flatMap((name) => {
    const gadget = gadgetNamed(directory, host, name);
    const unknown =
      gadget === undefined ? [] : unknownApisOf(gadget, (provider) => directory.provider(provider));
    return unknown.map(
      (each): Attention => ({
        kind: 'warning',
        code: 'gadget_api_unknown',
        message: `On ${host?.name ?? hostId}, ${unknownApiProblem(each)}.`,
        fix: `It shows what else it has. There must be ${unknownApiFix(each)}.`,
        to: { kind: 'provider', id: each.provider },
        since: null,
      }),
    );
  });
};
