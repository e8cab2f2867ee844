import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DEFINITION = 'gadget.yaml';

/** The gadgets in the folders of a folder; none where it cannot be read. */
export const gadgetsInside = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(folder, name))
      .filter((each) => statSync(each).isDirectory() && existsSync(join(each, DEFINITION)))
      .sort();
  } catch {
    return [];
  }
};

/** The gadgets that a folder stands for: itself, or those in it. Throws a sentence where there are none. */
export const gadgetsAt = (folder: string): readonly string[] => {
  if (existsSync(join(folder, DEFINITION))) return [folder];
  const inside = gadgetsInside(folder);
  if (inside.length > 0) return inside;
  throw new Error(
    `There is no gadget in ${resolve(folder)}: neither a file ${DEFINITION} nor a folder that has one. \`oriel gadget new\` makes one.`,
  );
};

/** The one gadget that a folder stands for. Throws a sentence where there are none, or several. */
export const gadgetAt = (folder: string): string => {
  const [gadget, ...others] = gadgetsAt(folder);
  if (gadget !== undefined && others.length === 0) return gadget;
  throw new Error(`There are several gadgets in ${resolve(folder)}: name the folder of one of them.`);
};
