import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gadget } from '../domain/gadget.js';
import { type AssetFile, type Assets, assetsOf } from './assets.js';

const typeOf = (name: string): AssetFile['type'] | null =>
  name.endsWith('.js') ? 'js' : name.endsWith('.css') ? 'css' : null;

const filesIn = (folder: string): readonly AssetFile[] =>
  readdirSync(folder).flatMap((name) => {
    const type = typeOf(name);
    return type === null ? [] : [{ name, type, content: readFileSync(join(folder, name)) }];
  });

/** The styles of pages: `base.css`, then the parts of each (`frame.css`, `frame.table.css`), so that a page loads one file. */
const stylesIn = (folder: string): readonly AssetFile[] => {
  const parts = filesIn(folder).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const base = parts.filter(({ name }) => name === 'base.css');
  return ['frame', 'site', 'admin'].map((page) => {
    const own = parts.filter(({ name }) => name.startsWith(`${page}.`));
    return {
      name: `${page}.css`,
      type: 'css' as const,
      content: Buffer.concat([...base, ...own].map(({ content }) => content)),
    };
  });
};

/** Where `embed.js` has the gadget origin, however and from wherever a page loads it. */
const ORIGIN_MARK = '__ORIEL_GADGET_ORIGIN__';

const withOrigin = (file: AssetFile, gadgetOrigin: string): AssetFile =>
  file.name === 'embed.js'
    ? {
        ...file,
        content: Buffer.from(Buffer.from(file.content).toString().replace(ORIGIN_MARK, gadgetOrigin)),
      }
    : file;

/** Every script and style that pages load: the built scripts, the styles of `templates`, and each gadget's own style, as it is at the moment. */
export const loadAssets = (root: string, gadgets: () => readonly Gadget[], gadgetOrigin: string): Assets =>
  assetsOf(
    [
      ...filesIn(join(root, 'dist', 'browser')).map((file) => withOrigin(file, gadgetOrigin)),
      ...stylesIn(join(root, 'templates', 'styles')),
    ],
    gadgets,
  );
