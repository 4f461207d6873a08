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
  var words = process.argv.slice(2)
  import('../dist/cli/early-start.js')
    .then(function (first) {
      var gate = first.endOnSignals(process)
      var early = first.startEarly(words, process)
      return import('../dist/cli/main.js').then(function (cli) {
        return cli.main(words, { early: early, gate: gate })
      })
    })
    .then(function (code) {
      // All logs are closed by now. A handle that a hook left open must not keep a stopped server running.
      process.exit(code)
    })
    .catch(function (error) {
      // Modules cannot be loaded, not even those with the messages.
      if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error
      process.report.excludeNetwork = true
      process.stderr.write(
        error.code === 'EMFILE'
          ? 'tsgun cannot start: too few open files (' +
              process.report.getReport().userLimits.open_files.soft +
              '); raise the limit: ulimit -n, or LimitNOFILE= of the systemd unit\n'
          : 'tsgun cannot start: the system has too many open files; raise fs.file-max (sysctl)\n',
      )
      process.exitCode = 1
    })
}
