#!/usr/bin/env node
// In the syntax of old versions, and without import declarations: an old Node.js has to be able to read it to say that it is too old.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    'tsgunctl needs Node.js 20.19 or later; this is ' + process.version + ' (' + process.execPath + ')\n',
  )
  process.exitCode = 1
} else {
  // Nobody reads on, because of a pipe to head, say: that is no failure of the command.
  process.stdout.on('error', function () {
    process.exit(0)
  })
  import('../dist/cli/tsgunctl.js')
    .then(function (cli) {
      return cli.main(process.argv.slice(2))
    })
    .then(function (code) {
      // What a config file left open must not keep the command; but what it has printed is to arrive.
      process.stdout.write('', function () {
        process.exit(code)
      })
    })
}
