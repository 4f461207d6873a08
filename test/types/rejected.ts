// Configs that the compiler refuses: @ts-expect-error fails without an error. Compiled by
// test/package/types.test.ts, never run.

import { defineConfig, type Settings } from 'tsgun'

// @ts-expect-error -- unknown setting
defineConfig({ wrkers: 2 })
// @ts-expect-error -- unknown hook
defineConfig({ on_startng() {} })
// @ts-expect-error -- workers is a number or "auto"
defineConfig({ workers: 'many' })
// @ts-expect-error -- a duration is a number of seconds
defineConfig({ timeout: '30s' })
// @ts-expect-error -- a worker class is named, not passed
defineConfig({ worker_class: { create: () => ({}) } })
// @ts-expect-error -- unknown level
defineConfig({ loglevel: 'warning' })
// @ts-expect-error -- variables are strings
defineConfig({ env: { PORT: 3000 } })
// @ts-expect-error -- a header that is not read
defineConfig({ forwarded_headers: ['X-Real-IP'] })
// @ts-expect-error -- two values only
defineConfig({ untrusted_forwarded_headers: 'drop' })
// @ts-expect-error -- bind is an address or a list of them, not a port
defineConfig({ bind: 8000 })
// @ts-expect-error -- a certificate is named by its path
defineConfig({ certfile: Buffer.from('') })
// @ts-expect-error -- 0, 1, 2, or a word for them
defineConfig({ cert_reqs: true })
// @ts-expect-error -- SSL is older than what is supported
defineConfig({ tls_min_version: 'SSLv3' })
// @ts-expect-error -- this hook returns the options to use
defineConfig({ ssl_context: () => undefined })
// @ts-expect-error -- the errorlog cannot be switched with a boolean
defineConfig({ errorlog: false })
// @ts-expect-error -- a hook is a function
defineConfig({ when_ready: true })
// @ts-expect-error -- the first argument of this hook is the server
defineConfig({ when_ready(server: string) {} })
// @ts-expect-error -- this hook has one argument
defineConfig({ on_exit(server, worker) {} })
// @ts-expect-error -- a hook returns nothing
defineConfig({ on_exit: () => 5 })
// @ts-expect-error -- a function must return a config
defineConfig(() => 5)
// @ts-expect-error -- and a valid one
defineConfig(async () => ({ workers: 'many' }))

defineConfig({
  pre_request(worker, req) {
    // @ts-expect-error -- settings cannot be written
    worker.settings.workers = 2
    // @ts-expect-error -- a request has no such property
    console.log(req.params)
  },
  post_fork(server, worker) {
    // @ts-expect-error -- in a worker, worker is the process itself, which has a pid
    const absent: null = worker.pid
    // @ts-expect-error -- listeners cannot be changed
    server.listeners.push('http://localhost')
    console.log(absent)
  },
})

// @ts-expect-error -- the finished umask is a number
export const umask = (settings: Settings): string => settings.umask
