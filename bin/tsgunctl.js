#!/usr/bin/env node
// Old syntax without import declarations, so that an old Node.js can parse this file and report that it is too
// old.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    'tsgunctl needs Node.js 20.19 or later; this is ' + process.version + ' (' + process.execPath + ')\n',
  )
  process.exitCode = 1
} else {
  // EPIPE: the reader has exited, for example head(1). That is not a failure of the command.
  process.stdout.on('error', function () {
    process.exit(0)
  })
  import('../dist/cli/tsgunctl.js')
    .then(function (cli) {
      return cli.main(process.argv.slice(2))
    })
    .then(function (code) {
      // Exits after the output is written. A handle that a config file left open must not keep it running.
      process.stdout.write('', function () {
        process.exit(code)
      })
    })
}
