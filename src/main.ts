#!/usr/bin/env node
import './cli/no-inspector.js';
import { runProgram } from './cli/program.js';

await runProgram();
