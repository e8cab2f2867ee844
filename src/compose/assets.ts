import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gadget } from '../domain/gadget.js';
import { type Assets, type AssetFile, assetsOf } from '../http/assets.js';

const typeOf = (name: string): AssetFile['type'] | null =>
  name.endsWith('.js') ? 'js' : name.endsWith('.css') ? 'css' : null;

const filesIn = (folder: string): readonly AssetFile[] =>
  readdirSync(folder).flatMap((name) => {
    const type = typeOf(name);
    return type === null ? [] : [{ name, type, content: readFileSync(join(folder, name)) }];
  });

/** The styles of pages. Each begins with what all have in common (`base.css`), so that a page loads one file. */
const stylesIn = (folder: string): readonly AssetFile[] => {
  const base = readFileSync(join(folder, 'base.css'));
  return filesIn(folder)
    .filter(({ name }) => name !== 'base.css')
    .map((file) => ({ ...file, content: Buffer.concat([base, file.content]) }));
};

/** Every script and style that pages load: the built scripts, the styles of `templates`, and each gadget's own style. */
export const loadAssets = (root: string, gadgets: Iterable<Gadget>): Assets =>
  assetsOf([
    ...filesIn(join(root, 'dist', 'browser')),
    ...stylesIn(join(root, 'templates', 'styles')),
    ...[...gadgets].flatMap(({ id, style }) =>
      style === null ? [] : [{ name: `gadget:${id}.css`, type: 'css' as const, content: Buffer.from(style) }],
    ),
  ]);
