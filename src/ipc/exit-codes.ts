// Every exit code of the master, of a worker and of `tsgunctl`; docs/exit-codes.md is made from these tables.
// 3 and 4 are gunicorn's.

export const exitCodes = {
  ok: { code: 0, meaning: 'The server stopped as it was told to, or a check found nothing wrong.' },
  refused: {
    code: 1,
    meaning:
      'The server did not start: a wrong setting, an address in use, another server with the same ' +
      'pidfile, a log that cannot be opened, or `on_starting` refused. Nothing is left behind. Also ' +
      'when `--check-config` has found something wrong.',
  },
  bootFailed: {
    code: 3,
    meaning:
      'A worker failed to boot while the server started: the app threw while it was loaded, ' +
      '`startup()` or a hook failed, or `boot_timeout` passed.',
  },
  appFailed: {
    code: 4,
    meaning:
      'While the server started, the app was loaded but is not one: the export is missing or of no ' +
      'known kind.',
  },
  disconnected: {
    code: 69,
    meaning:
      'Of a worker: its app has closed the channel to the master (`process.disconnect()`). Never of ' +
      'the master.',
  },
  internal: { code: 70, meaning: 'A defect of tsgun itself: the error log has the stack. Please report it.' },
} as const

/** Of `tsgunctl`. */
export const controlExitCodes = {
  done: { code: 0, meaning: 'It is done; with `--wait`, up to its end.' },
  failed: {
    code: 1,
    meaning: 'The server has refused it, or with `--wait` it has failed. Standard error has the reason.',
  },
  usage: { code: 2, meaning: 'The command line is wrong, or nothing says where the control socket is.' },
  unreachable: {
    code: 69,
    meaning: 'Nobody answers at the control socket. Standard error says what to check.',
  },
} as const
