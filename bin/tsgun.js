#!/usr/bin/env node
import { main } from '../dist/cli/main.js'

// All logs are closed by now. What a hook or a worker's child left open must not keep a server that has stopped.
process.exit(await main(process.argv.slice(2)))
