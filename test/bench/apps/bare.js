// The baseline for requests/s: processes with a bare node:http server each, on one inherited socket, without any log.
// Usage: node bare.js NUMBER. Prints a line of JSON when all of them serve.

import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import net from 'node:net'
import { app } from './hello.js'

if (process.argv[2] === 'child') {
  createServer(app).listen({ fd: 3 }, () => process.send('ready'))
} else {
  const handle = net._createServerHandle('127.0.0.1', 0, 4, -1) // bound, but never listened on here
  const address = {}
  handle.getsockname(address)
  const children = Array.from({ length: Number(process.argv[2]) }, () =>
    spawn(process.execPath, [import.meta.filename, 'child'], {
      stdio: ['ignore', 'inherit', 'inherit', handle.fd, 'ipc'],
    }),
  )
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('message', resolve))))
  console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${address.port}`] }))
}
