#!/usr/bin/env node
// The name is reserved for the client of the control socket. Until there is one, a server is operated by signals.
process.stderr.write(
  'tsgunctl: this version of tsgun has no control socket; send signals to the master instead (docs/signals.md)\n',
)
process.exitCode = 1
