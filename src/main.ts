#!/usr/bin/env node
import './cli/no-inspector.js';
import { loadProgram } from './cli/load-program.js';

await loadProgram().run((url) => import(url));
