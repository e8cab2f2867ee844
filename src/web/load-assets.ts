import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gadget } from '../domain/gadget.js';
import { type AssetFile, Assets } from './assets.js';

const typeOf = (name: string): AssetFile['type'] | null =>
  name.endsWith('.js') ? 'js' : name.endsWith('.css') ? 'css' : null;

const filesIn = (folder: string): readonly AssetFile[] =>
  readdirSync(folder).flatMap((name) => {
    const type = typeOf(name);
    return type === null ? [] : [{ name, type, content: readFileSync(join(folder, name)) }];
  });

/** Where `embed.js` has the gadget origin, however and from wherever a page loads it. */
const ORIGIN_MARK = '__ORIEL_GADGET_ORIGIN__';

const withOrigin = (file: AssetFile, gadgetOrigin: string): AssetFile =>
  file.name === 'embed.js'
    ? {
        ...file,
        content: Buffer.from(Buffer.from(file.content).toString().replace(ORIGIN_MARK, gadgetOrigin)),
      }
    : file;

/** Every script and style that pages load, as they were built, and each gadget's own style, as it is at the moment. */
export const loadAssets = (root: string, gadgets: () => readonly Gadget[], gadgetOrigin: string): Assets =>
  new Assets(
    filesIn(join(root, 'dist', 'browser')).map((file) => withOrigin(file, gadgetOrigin)),
    gadgets,
  );
