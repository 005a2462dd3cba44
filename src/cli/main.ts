#!/usr/bin/env node
import { processIo } from './terminal/io.js'
import { runCommandLine } from './run.js'

void runCommandLine(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code
})
