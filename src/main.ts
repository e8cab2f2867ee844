#!/usr/bin/env node
import './cli/no-inspector.js';
import { theProgram } from './cli/load-program.js';

await theProgram().run((url) => import(url));
