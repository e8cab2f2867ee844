import type { Reading } from '../../src/catalog/manifest.js';
import { explainIssues } from '../../src/config/explain.js';
import { pathText } from '../../src/config/path.js';
import { parseYaml } from '../../src/config/yaml-source.js';

/** Definitions are read as the program reads them. */
export const reading: Reading = { parse: parseYaml, explain: explainIssues, pathText };
