#!/usr/bin/env node
// In the syntax of old versions, and without import declarations: an old Node.js has to be able to read it to say that it is too old.
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
      // All logs are closed by now. What a hook or a worker's child left open must not keep a server that has stopped.
      process.exit(code)
    })
}
