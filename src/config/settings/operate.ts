// Settings of the section `operate`: the control socket. Used by the arbiter and the command line.

import * as z from 'zod'
import { setting } from './row.ts'
import { mode, showMode, text } from './common.ts'

export const operateSettings = {
  control_socket: setting({
    section: 'operate',
    unit: 'file',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '--control-socket <path>',
    expects: 'a file path or null',
    doc:
      'Unix socket on which the master accepts `tsgunctl` and HTTP requests with JSON. A stale socket ' +
      'is replaced; if a process listens on it, the start fails. It is removed at exit. null disables ' +
      'it. See docs/run/control.md.',
    fixed: true,
  }),
  control_socket_mode: setting({
    section: 'operate',
    unit: 'mode',
    schema: mode,
    default: 0o600,
    defaultText: '`0o600`',
    print: showMode,
    flag: '--control-socket-mode <mode>',
    expects: 'permissions such as 0o600',
    doc:
      'Permissions of the control socket, which belongs to the user of the master. Any process that ' +
      'can connect can stop the server.',
    fixed: true,
  }),
} as const
