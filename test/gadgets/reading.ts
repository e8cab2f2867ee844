import { explainIssues } from '../../src/config/explain-mistakes.js';
import { parseYaml } from '../../src/config/yaml-source.js';
import { pathText } from '../../src/domain/document-path.js';
import type { Reading } from '../../src/gadgets/manifest.js';

/** Definitions are read as the program reads them. */
export const reading: Reading = { parse: parseYaml, explain: explainIssues, pathText };
