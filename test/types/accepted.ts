// Configs that the compiler accepts. Compiled by test/package/types.test.ts, never run.

import {
  defineConfig,
  type ConfigExport,
  type Hooks,
  type ServerView,
  type Settings,
  type SettingsInput,
  type Config,
  type Worker,
  type WorkerView,
} from 'tsgun'

export const small: Config = { app: './app.ts:app' }
export const small_export: ConfigExport = defineConfig(small)

export const whole = defineConfig({
  app: null,
  bind: ['127.0.0.1:8000', 'unix:/run/app.sock'],
  workers: 'auto',
  certfile: ['/etc/a.pem', '/etc/b.pem'],
  keyfile: '/etc/a.key',
  ca_certs: null,
  cert_reqs: 2,
  ciphers: 'ECDHE+AESGCM',
  tls_min_version: 'TLSv1.3',
  ssl_context: async (settings, defaults) => ({ ...defaults(), ciphers: settings.ciphers ?? '', crl: 'pem' }),
  worker_class: './lanes.ts:Lanes',
  env: { NODE_ENV: 'production' },
  accesslog: null,
  errorlog: '-',
  loglevel: 'debug',
  umask: '0o027',
  user: 1000,
  group: 'www-data',
  proc_name: undefined,
  on_starting(server) {
    const pid: number = server.pid
    const { workers }: Settings = server.settings
    const known: readonly WorkerView[] = server.workers
    console.log(pid, workers, known)
  },
  async pre_fork(server, worker) {
    const views: [ServerView, WorkerView] = [server, worker]
    const pid: number | null = worker.pid
    console.log(views, pid)
  },
  post_worker_init(worker) {
    worker.server?.on('upgrade', () => undefined)
  },
  pre_request(worker, req) {
    const self: Worker = worker
    console.log(self.nr, req.method, req.headers.host)
  },
  post_request: (_worker, req, res) => console.log(req.url, res.statusCode),
  nworkers_changed(_server, new_value, old_value) {
    const change: number = new_value - (old_value ?? 0)
    console.log(change)
  },
  child_exit: (_server, worker) => console.log(worker.exit?.code, worker.exit?.signal, worker.exit?.reason),
})

export default defineConfig(async () => ({ app: await Promise.resolve('./app.ts'), workers: 2 }))

export const sync = defineConfig(() => ({ bind: ':8000' }))

// A hook script exports its hooks by name.
export const when_ready: Hooks['when_ready'] = (server) =>
  console.log(server.listeners[0]?.startsWith('http'))

export const input: SettingsInput = { timeout: 30 }

const addresses = ['127.0.0.1:8000', ':9000'] as const
export const readonly_lists = { bind: addresses, accesslog: { path: '-', rotation: null } } satisfies Config
