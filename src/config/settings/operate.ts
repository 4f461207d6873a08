// Settings of the section `operate`: how a running server is watched and told what to do. Used by the arbiter
// and the command line.

import { z } from 'zod'
import { setting } from './row.ts'
import { mode, showMode, text } from './common.ts'

export const operateSettings = {
  control_socket: setting({
    section: 'operate',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '--control-socket <path>',
    expects: 'a file path or null',
    doc:
      'Where the master listens for `tsgunctl`, and for HTTP with JSON: a unix socket. A stale one is ' +
      'replaced, a live one ends the start. It is removed at exit. null is none. See ' +
      '[control.md](control.md).',
    fixed: true,
  }),
  control_socket_mode: setting({
    section: 'operate',
    schema: mode,
    default: 0o600,
    defaultText: '`0o600`',
    print: showMode,
    flag: '--control-socket-mode <mode>',
    expects: 'permissions such as 0o600',
    doc:
      "The permissions of the control socket, which belongs to the master's user. Whoever may connect " +
      'may stop the server.',
    fixed: true,
  }),
} as const
