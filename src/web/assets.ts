import { createHash } from 'node:crypto';
import type Router from '@koa/router';
import type { Gadget } from '../domain/gadget.js';
import type { Context } from './context.js';

/** A file that we serve: a script, a style, a gadget's own style. */
export interface AssetFile {
  readonly name: string;
  readonly type: 'js' | 'css';
  readonly content: Uint8Array;
}

/** Scripts of host pages, under addresses that never change. */
const HOST_SCRIPTS = ['embed.js', 'doctor.js'];

const shortHash = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 12);

const fileName = (asset: AssetFile): string =>
  `${asset.name.replace(/\.(js|css)$/, '').replace(/[^a-z0-9-]/g, '-')}-${shortHash(asset.content)}.${asset.type}`;

/** Styles of gadgets that are served, those of definitions that were replaced among them: a page may just be loading one. */
const MOST_STYLES = 500;

const styleFile = ({ id, style, bound }: Gadget): AssetFile | null =>
  style === null
    ? null
    : { name: `gadget:${bound?.gadget ?? id}.css`, type: 'css', content: Buffer.from(style) };

const send = (ctx: Context, file: AssetFile, caching: string): void => {
  ctx.set({
    'Cache-Control': caching,
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  ctx.etag = shortHash(file.content);
  ctx.type = file.type === 'js' ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8';
  ctx.status = 200;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength);
};

/**
 * The files that pages load, served from memory, and the styles of the gadgets as they are at the moment. Each address holds the
 * content's hash, so that it may be kept for ever.
 */
export class Assets {
  readonly #files: readonly AssetFile[];
  readonly #gadgets: () => readonly Gadget[];
  readonly #byName: ReadonlyMap<string, { readonly file: AssetFile; readonly path: string }>;
  readonly #byFile: ReadonlyMap<string, AssetFile>;
  readonly #styles = new Map<string, AssetFile>();

  constructor(files: readonly AssetFile[], gadgets: () => readonly Gadget[]) {
    this.#files = files;
    this.#gadgets = gadgets;
    this.#byName = new Map(files.map((file) => [file.name, { file, path: `/assets/${fileName(file)}` }]));
    this.#byFile = new Map(files.map((file) => [fileName(file), file]));
  }

  /** Path of an asset by name (`frame.js`, `frame.css`); throws for one that was not built. */
  url(name: string): string {
    return this.#named(name).path;
  }

  /** Text of an asset by name; throws for one that was not built. */
  content(name: string): string {
    return Buffer.from(this.#named(name).file.content).toString('utf8');
  }

  /** Path of a gadget's own style; null where it has none. */
  gadgetStyle(gadget: Gadget): string | null {
    const file = styleFile(gadget);
    if (file === null) return null;
    const name = fileName(file);
    const styles = this.#styles;
    styles.delete(name);
    styles.set(name, file);
    const [oldest] = styles.keys();
    if (styles.size > MOST_STYLES && oldest !== undefined) styles.delete(oldest);
    return `/assets/${name}`;
  }

  /** Adds `/assets/:name`, and the scripts that host pages load (`/embed.js`, `/doctor.js`) where `embed` is true. */
  mount(router: Router, embed: boolean): void {
    router.get('/assets/:name', (ctx) => {
      const { name = '' } = ctx.params;
      const file =
        this.#byFile.get(name) ?? (name.startsWith('gadget-') ? this.#styleNamed(name) : undefined);
      if (file) send(ctx as unknown as Context, file, 'public, max-age=31536000, immutable');
    });
    for (const script of embed ? this.#files.filter(({ name }) => HOST_SCRIPTS.includes(name)) : [])
      router.get(`/${script.name}`, (ctx) => {
        // The doctor is a module, which browsers fetch by CORS; there is nothing in it but our own code.
        ctx.set('Access-Control-Allow-Origin', '*');
        send(ctx as unknown as Context, script, 'public, max-age=300');
      });
  }

  #named(name: string): { readonly file: AssetFile; readonly path: string } {
    const found = this.#byName.get(name);
    if (found === undefined) throw new Error(`The asset ${name} was not built; run “npm run build”.`);
    return found;
  }

  #styleNamed(name: string): AssetFile | undefined {
    // The page that names it may be another process's.
    if (!this.#styles.has(name)) for (const gadget of this.#gadgets()) this.gadgetStyle(gadget);
    return this.#styles.get(name);
  }
}
