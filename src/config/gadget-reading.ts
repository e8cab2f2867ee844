import { pathText } from '../domain/document-path.js';
import type { Reading } from '../gadgets/manifest.js';
import { prepared } from '../gadgets/prepared-gadgets.js';
import { explainIssues } from './explain-mistakes.js';
import { parseYaml } from './yaml-source.js';

/** How gadgets are read, wherever they are. */
export const gadgetReading: Reading = {
  parse: parseYaml,
  explain: explainIssues,
  pathText,
  known: (id, version) => prepared().get(id, version),
  remember: (gadget) => prepared().remember(gadget),
};
