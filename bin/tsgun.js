#!/usr/bin/env node
// Old syntax without import declarations, so that an old Node.js can parse this file and report that it is too
// old.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    'tsgun needs Node.js 20.19 or later; this is ' + process.version + ' (' + process.execPath + ')\n',
  )
  process.exitCode = 1
} else {
  import('../dist/cli/main.js')
    .then(function (cli) {
      return cli.main(process.argv.slice(2))
    })
    .then(function (code) {
      // All logs are closed by now. A handle that a hook left open must not keep a stopped server running.
      process.exit(code)
    })
}
