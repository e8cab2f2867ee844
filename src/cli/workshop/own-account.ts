import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { findSignedIn, signInWithPassword } from '../../admin/people/sign-in.js';
import type { Admin } from '../../domain/administrator.js';
import type { SignedIn } from '../../domain/administrator-sign-in.js';
import type { Gadget, ParameterValues } from '../../domain/gadget.js';
import { Secret } from '../../domain/secret.js';
import { adminViewer } from '../../hosts/console-host.js';
import type { Provider } from '../../providers/provider.js';
import { fetchAnswers } from '../../render/fetch-answers.js';
import { type RenderResult, toContentResult, toObstacleResult } from '../../render/render-result.js';
import { readStanding } from '../../render/usable-connections.js';
import { type CommandContext, withCommandContext } from '../../server/command-context.js';

/** What is asked for as oneself. */
export interface AskedAsMe {
  readonly gadget: Gadget;
  readonly parameters: ParameterValues;
  readonly locale: string;
  readonly timeZone: string;
}

/** Longer than that nothing is shown without asking again, ms. */
const KEPT_FOR = 60_000;
/** How often an answer is asked for again because the author connected again in the meantime. */
const ATTEMPTS = 3;

interface Kept {
  readonly standing: string;
  readonly until: number;
  readonly result: RenderResult;
}

/**
 * An administrator before a gadget that they write: a viewer like any other, as in the console's preview, with the Connections that they made
 * there, and no one else's. Whose they are rests on a password that was just typed; no API key and no other viewer's name leads here.
 */
export class OwnAccount {
  readonly #context: CommandContext;
  readonly #signedIn: SignedIn;
  readonly #admin: Admin;
  readonly #kept = new Map<string, Kept>();

  constructor(context: CommandContext, signedIn: SignedIn, admin: Admin) {
    this.#context = context;
    this.#signedIn = signedIn;
    this.#admin = admin;
  }

  get name(): string {
    return this.#admin.name;
  }

  provider(id: string): Provider | null {
    return this.#context.deps.directory.provider(id) ?? null;
  }

  /** The page of the console on which a provider is connected; null where no gadget that is served uses it. */
  connectPage(provider: string): string | null {
    const { directory, siteOrigin } = this.#context.deps;
    const gadget = directory.gadgets().find(({ providers }) => providers.includes(provider));
    return gadget === undefined ? null : `${siteOrigin}/admin/preview/${encodeURIComponent(gadget.id)}`;
  }

  /** Forgets what was fetched, so that it is asked for again. */
  forget(): void {
    this.#kept.clear();
  }

  /**
   * What the providers answer to this very person, or what is in the way. Fetched again when the requests change, when a Connection does, and
   * once a minute. Throws a sentence when the administrator was removed, or the session is over.
   */
  async show(asked: AskedAsMe): Promise<RenderResult> {
    const { deps, calls } = this.#context;
    if ((await findSignedIn(deps, this.#signedIn)) === null)
      throw new Error('Your session is over. Start the command again, and sign in.');
    const viewer = adminViewer(this.#admin);
    const standingDeps = { ...deps, connections: deps.stores.connections };
    const request = { ...asked, viewer };
    const { requests } = asked.gadget;
    const key = JSON.stringify([requests, asked.parameters, asked.locale, asked.timeZone]);
    for (let left = ATTEMPTS; left > 0; left -= 1) {
      const standing = await readStanding(standingDeps, request);
      const kept = this.#kept.get(key);
      if (kept?.standing === standing && kept.until > deps.clock.now()) return kept.result;
      const fetched = await fetchAnswers({ ...calls, clock: deps.clock }, request);
      const result =
        fetched.obstacle === null
          ? toContentResult(deps.directory, request, fetched, deps.clock.now())
          : toObstacleResult(deps.directory, request, fetched.obstacle, {
              connected: fetched.obstacle.state !== 'connect',
              sources: fetched.sources,
            });
      // What was fetched with a Connection that has changed since is not shown.
      if ((await readStanding(standingDeps, request)) !== standing) continue;
      if (this.#kept.size > 20) this.#kept.clear();
      this.#kept.set(key, { standing, until: deps.clock.now() + KEPT_FOR, result });
      return result;
    }
    throw new Error('Your connections changed while they were used. Try again.');
  }
}

/** Asks at the terminal. What is typed at the second question is not shown. */
const askWho = async (
  given: string | null,
  input: NodeJS.ReadStream,
): Promise<{ readonly name: string; readonly password: Secret }> => {
  let isHidden = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output, terminal: input.isTTY === true });
  const typed = lines[Symbol.asyncIterator]();
  const next = async (question: string): Promise<string> => {
    process.stderr.write(question);
    return (await typed.next()).value ?? '';
  };
  try {
    const name = given ?? (await next('Administrator: '));
    isHidden = true;
    const password = await next(`Password of ${name}: `);
    process.stderr.write('\n');
    return { name, password: new Secret(password) };
  } finally {
    lines.close();
  }
};

const NO_CONSOLE = 'This server has no console (admin.enabled), so that there is no one to be.';

/**
 * Signs an administrator in by name and password, and runs `work` with what their own accounts may see: on the configuration and the
 * database of a server, which may be running. `name`: null asks for it. Throws a sentence where it is not them.
 */
export const asMyself = async <T>(
  { file, root, name }: { readonly file: string; readonly root: string; readonly name: string | null },
  work: (me: OwnAccount) => Promise<T>,
  input: NodeJS.ReadStream = process.stdin,
): Promise<T> =>
  withCommandContext(file, root, async (context) => {
    const { config, deps, settled } = context;
    if (!config.admin.enabled) throw new Error(NO_CONSOLE);
    const who = await askWho(name, input);
    const from = { address: 'terminal', requestId: deps.entropy.id() };
    const outcome = await signInWithPassword(deps, who.name, who.password, from);
    if (outcome.kind === 'wait')
      throw new Error(`Too many attempts. Wait ${Math.ceil(outcome.seconds / 60)} minutes, then try again.`);
    const admin = outcome.kind === 'right' ? await findSignedIn(deps, outcome.signedIn) : null;
    if (outcome.kind === 'wrong' || admin === null)
      throw new Error('No administrator has this name and password. `oriel admin list` names them.');
    await settled;
    return work(new OwnAccount(context, outcome.signedIn, admin));
  });
