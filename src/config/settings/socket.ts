// Settings of the section `socket`: where the server listens. Used by the arbiter and the command line.

import * as z from 'zod'
import { bindProblem } from '../../listen/slots.ts'
import { setting } from './row.ts'
import { text } from './common.ts'

const address = text.superRefine((value, context) => {
  const problem = bindProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const socketSettings = {
  bind: setting({
    section: 'socket',
    unit: 'address',
    schema: z.union([address, z.array(address).min(1)]),
    default: (environment) => (environment['PORT'] ? `0.0.0.0:${environment['PORT']}` : '127.0.0.1:8000'),
    variable: 'PORT',
    variableExpects: 'a port number from 0 to 65535',
    defaultText: '`"127.0.0.1:8000"`, or `"0.0.0.0:$PORT"` if the environment variable PORT is set',
    flag: '-b, --bind <address>',
    text: 'list',
    expects:
      '"host:port", "host", ":port", "[v6]:port", "unix:/path", "fd://n" or "fd://name", each also with ' +
      '"https://" before it ("https+unix:", "https+fd:"), or a list of them',
    doc:
      'Address to listen on. Port 0 uses a free port, which the log reports. The master binds the ' +
      'addresses and the workers inherit the sockets. A reload opens new addresses, closes removed ' +
      'ones and leaves the others open. When systemd passes sockets (`LISTEN_FDS`), all of them are ' +
      'served unless `bind` selects some of them by address, by number (`fd://3`) or by name ' +
      '(`fd://web`). `{nr}` in the path of a unix socket is one socket for each worker, by the number of ' +
      'its slot from 0 on: `unix:/run/app.{nr}.sock`, for a proxy that chooses the worker. With `https://` ' +
      'before it an address speaks TLS, with `http://` it does not, and without either it does if there is ' +
      '`certfile` or `acme`; ports are then 443 and 80 unless they are given.',
  }),
  backlog: setting({
    section: 'socket',
    schema: z.int().min(1).max(65_535),
    default: 2048,
    flag: '--backlog <number>',
    text: 'number',
    expects: 'a whole number from 1 to 65535',
    doc:
      'Maximum number of connections that wait to be accepted. The kernel limits it to ' +
      '`net.core.somaxconn`.',
    fixed: true,
  }),
} as const
