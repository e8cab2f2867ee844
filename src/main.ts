#!/usr/bin/env node
import './cli/no-inspector.js';
import { reportLostOutput } from './cli/failing.js';
import { runProgram } from './cli/program.js';

reportLostOutput(process.stdout);
await runProgram();
