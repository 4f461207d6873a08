// Every exit code of the master, of a worker and of `tsgunctl`. The docs page of exit codes is generated from
// these tables. 3 and 4 have the same meaning as in gunicorn.

export const exitCodes = {
  ok: {
    code: 0,
    meaning: 'The server was stopped by a signal or by `tsgunctl stop`, or a check found no problem.',
  },
  refused: {
    code: 1,
    meaning:
      'The server did not start: an invalid setting, an address in use, another server with the same ' +
      'pidfile, a log that cannot be opened, or an error in `on_starting`. No files or processes are ' +
      'left. Also when `--check-config` or `tsgun doctor` has found a problem, or `tsgun init` no app.',
  },
  bootFailed: {
    code: 3,
    meaning:
      'A worker failed to boot while the server started: loading the app threw an error, ' +
      '`startup()` or a hook failed, or `boot_timeout` was exceeded. Also when the config does not settle ' +
      'within `boot_timeout`, and when a worker of each slot dies within a second after all were ready.',
  },
  appFailed: {
    code: 4,
    meaning:
      'The loaded module is not an app, while the server started: the export is missing or of an ' +
      'unknown type.',
  },
  serviceLost: {
    code: 5,
    meaning:
      'A service with `critical: true` could not be kept alive: five of its processes in a row failed ' +
      'before they were ready or soon after.',
  },
  disconnected: {
    code: 69,
    meaning: 'Only of a worker: the app has closed the channel to the master (`process.disconnect()`).',
  },
  internal: { code: 70, meaning: 'A bug in tsgun: the error log has the stack. Please report it.' },
} as const

/** Of `tsgunctl`. */
export const controlExitCodes = {
  done: { code: 0, meaning: 'The command was accepted; with `--wait`, it is completed.' },
  failed: {
    code: 1,
    meaning: 'The server refused the command; with `--wait`, also: it failed. Standard error has the reason.',
  },
  usage: { code: 2, meaning: 'The command line is invalid, or the path of the control socket is not known.' },
  unreachable: {
    code: 69,
    meaning: 'No server responds at the control socket. Standard error says what to check.',
  },
} as const
