// Settings of the section `socket`: where the server listens. Used by the arbiter and the command line.

import { z } from 'zod'
import { addressProblem } from '../../listen/address.ts'
import { setting } from './row.ts'
import { text } from './common.ts'

const address = text.superRefine((value, context) => {
  const problem = addressProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const socketSettings = {
  bind: setting({
    section: 'socket',
    schema: z.union([address, z.array(address).min(1)]),
    default: (environment) => (environment['PORT'] ? `0.0.0.0:${environment['PORT']}` : '127.0.0.1:8000'),
    variable: 'PORT',
    defaultText: '`"127.0.0.1:8000"`, or `"0.0.0.0:$PORT"` when the environment has PORT',
    flag: '-b, --bind <address>',
    text: 'list',
    expects:
      '"host:port", "host", ":port", "[v6]:port", "unix:/path", "fd://n" or "fd://name", or a list of them',
    doc:
      'Where to listen. Port 0 takes a free port, which the log reports. The master binds the ' +
      'addresses and workers inherit the sockets. A reload opens what is new, closes what is gone ' +
      'and leaves alone what stays. When systemd has opened sockets for the server (`LISTEN_FDS`), ' +
      'they are served unless `bind` is set to some of them: by their own addresses, their numbers ' +
      '(`fd://3`) or their names (`fd://web`).',
  }),
  backlog: setting({
    section: 'socket',
    schema: z.int().min(1).max(65_535),
    default: 2048,
    flag: '--backlog <number>',
    text: 'number',
    expects: 'a whole number from 1 to 65535',
    doc: 'How many connections may wait to be accepted. The kernel caps it at `net.core.somaxconn`.',
    fixed: true,
  }),
} as const
