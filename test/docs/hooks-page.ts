// docs/reference/hooks.md, made of the table of hooks, so that the page cannot say what the server does not
// do.

import {
  hookNames,
  hookOrder,
  hookTable,
  type HookName,
  type HookRow,
  type HookStep,
} from '../../src/config/hooks/table.ts'
import { settings } from '../../src/config/settings/table.ts'

/** The whole page. */
export function hooksPage(): string {
  return `${[intro, writing, table(), order(), asynchronous(), failures(), scripts, views, output].join('\n\n')}\n`
}

const intro = `<!-- Made by \`npm run docs\` from src/config/hooks/table.ts; edit test/docs/hooks-page.ts. -->

# Hooks

A hook is a function that the server calls at a moment of its life: to check a license before it starts, to open a pool of connections in
each worker, to tell a load balancer that it is about to stop. Names, processes and order are gunicorn's; \`workers_ready\` and
\`on_stopping\` are new.`

const writing = `## Writing one

Hooks stand in the config file beside the settings. \`defineConfig\` knows their arguments.

\`\`\`ts
// server.config.ts
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  workers: 4,

  on_starting(server) {
    if (process.env.DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set') // the start is refused: exit code 1
  },
  async post_fork(server, worker) {
    process.env.METRICS_PORT = String(9100 + worker.nr) // before the app is loaded; nr is stable, 0 to workers - 1
  },
  post_worker_init(worker) {
    worker.server?.on('upgrade', (request, socket, head) => socket.destroy()) // attach ws or socket.io here
  },
  child_exit(server, worker) {
    if (worker.exit?.reason === 'signal') console.error(\`worker \${worker.nr} died by \${worker.exit.signal}\`)
  },
})
\`\`\`

The config file is loaded in the master **and in each worker**: Node.js has no fork, and functions cannot be sent to another process. So
code at its top level runs once in each process, and a variable that \`on_starting\` has set is not set in \`post_fork\`. All processes of a
generation run the same code, even if the file was edited since; a reload (HUP) begins a new generation.`

function table(): string {
  const rows = hookNames.map((name) => {
    const row: HookRow = hookTable[name]
    const pending =
      row.pending === undefined
        ? ''
        : ` **Never called in this version**, which has no ${row.pending}: a config that has it gets a ` +
          'warning.'
    return (
      `| \`${name}(${row.arguments.join(', ')})\` | ${processOf(name)} | ${row.when}${pending} | ` +
      `${effect(row)} |`
    )
  })
  return `## All hooks

| Hook | Process | When | If it fails |
|---|---|---|---|
${rows.join('\n')}`
}

function processOf(name: HookName): string {
  return hookTable[name].process === 'arbiter' ? 'master' : 'worker'
}

function effect({ refuses, process, pending }: HookRow): string {
  if (pending !== undefined) return '-'
  if (refuses !== true) return 'logged, goes on'
  return process === 'arbiter' ? '**refuses** the start' : '**refuses** the worker'
}

function order(): string {
  const rows = Object.values(hookOrder).map(({ when, steps }) => `| ${when} | ${showSteps(steps)} |`)
  return `## Order

| What happens | Hooks, in their order |
|---|---|
${rows.join('\n')}

What each signal calls is in [signals.md](signals.md). The hooks of one process run one after another, never two at a time; only
\`pre_request\` and \`post_request\` do not wait for others.`
}

/** Hooks in their order, each with its process and how often it runs. */
export function showSteps(steps: readonly HookStep[]): string {
  return steps.map(({ hook, runs }) => `\`${hook}\` (${whereAndHowOften(hook, runs)})`).join(' → ') || 'none'
}

function whereAndHowOften(hook: HookName, runs: HookStep['runs']): string {
  if (runs === 'changed') return `${processOf(hook)}, if the number changes`
  if (runs === 'once') return processOf(hook)
  return processOf(hook) === 'master' ? 'master, for each worker' : 'in each worker'
}

function asynchronous(): string {
  return `## Sync and async

Each hook may be async. The server waits for it, for at most \`hook_timeout\` (${String(settings.hook_timeout.default)} s): what is to come after the hook comes then, and the
error log says that the hook was not done. The master goes on with everything else while it waits: it takes signals, and requests are served. A
hook that blocks the event loop (an endless \`while\`, \`execSync\`) cannot be bounded: in the master it holds up the master, in a worker \`timeout\` ends the worker.

- \`pre_fork\` holds back its worker; the time counts towards \`boot_timeout\`.
- \`pre_request\` holds back the app; one that is not async costs the request nothing but itself.
- \`post_request\` runs after the response and its access line; nobody waits for it.
- A config without \`pre_request\` and \`post_request\` pays for neither.
- \`worker_int\` and \`worker_exit\` of a worker that has to go at once have 2 s, then it is killed.`
}

function failures(): string {
  const refusing = hookNames.filter((name) => 'refuses' in hookTable[name]).map((name) => `\`${name}\``)
  return `## What an exception does

${refusing.join(', ')} may refuse: an exception, a rejection or \`hook_timeout\` stops what was about to happen, with the hook's name, its file and the reason.
\`on_starting\` ends the start with exit code 1. In a worker the worker fails to boot: at the start of the server that ends it with exit code 3, at a
reload the old generation keeps serving, and later the slot is tried again, more slowly each time.

Every other hook is an observer. What it throws is an error record with its name, its file and its stack, and the server goes on; the hooks of other files run all
the same. (In gunicorn an exception in \`pre_fork\`, \`child_exit\` or \`on_reload\` ends the whole server.)`
}

const scripts = `## Hook scripts of a deployment

The setting \`hooks\`, or \`--hooks FILE\` as often as you like, names modules whose exports are hooks: TypeScript, ESM or CommonJS, without a build. They keep what belongs to
one host or one stage out of the config file.

\`\`\`ts
// deploy/production.ts, with tsgun --hooks ./deploy/production.ts
import type { ServerView } from 'tsgun'

export async function workers_ready(server: ServerView): Promise<void> {
  await fetch('http://balancer.internal/add', { method: 'POST', body: server.listeners.join() })
}

export async function on_stopping(server: ServerView): Promise<void> {
  await fetch('http://balancer.internal/remove', { method: 'POST', body: server.listeners.join() })
}
\`\`\`

For each hook the config file's own runs first, then those of the scripts in the order in which they are named. When one refuses, those after it are
not asked. A script that is missing, does not load or has no hook ends the start with exit code 1.`

const views = `## What hooks see

- \`server\`: \`pid\`, \`version\`, \`settings\`, \`listeners\` (addresses), \`num_workers\`, \`generation\`, \`workers\`, \`slots\`, \`logs\` (bytes written and waiting, lines dropped, rotations). Each is read when you ask for it; none can be set. In a worker it is what the
  master was when the worker started, and \`workers\` and \`slots\` are empty.
- Each of \`server.slots\`: \`nr\`, \`state\` (\`ready\`, \`starting\`, \`crash-loop\`), \`failures\` (workers in a row that failed before they were ready, or within a second) and \`last_error\`.
- \`worker\` in the master: \`nr\`, \`age\`, \`generation\`, \`pid\` (null in \`pre_fork\`), \`state\`, and in \`child_exit\` also \`exit\`: \`reason\`, \`code\`, \`signal\`, \`ended_by\` (\`tsgun\`, \`itself\`, \`other\`) and \`stderr\`, its last lines.
  \`reason\` is what the master wanted (\`stop\`, \`quit\`, \`reload\`, \`scale\`, \`timeout\`, \`boot_timeout\`), or \`disconnected\` (its app closed the channel), \`oom\` (V8 or the kernel had no memory for it), \`signal\`, \`exit\`.
- \`worker\` in a worker: \`nr\`, \`age\`, \`generation\`, \`pid\`, \`settings\`, and \`server\`, the \`http.Server\`, from \`post_worker_init\` on (null before). In \`worker_int\`, \`worker_abort\` and \`worker_exit\` its \`exit\` has
  the \`reason\` (as above; \`orphaned\`: the master is gone) and the \`code\` it is going to exit with.
- \`req\` and \`res\`: Node's own \`IncomingMessage\` and \`ServerResponse\`. gunicorn's \`environ\` has no counterpart: everything is in \`req\`.`

const output = `## What hooks print

With \`capture_output\` (the default) \`console.log\` in a hook is a record of the app log: in the master with the master's pid and no worker, in a worker with its
number; what it logs with \`log\` of \`tsgun\` is one in any case ([logging.md](../run/logs.md#the-apps-own-log)). \`process.stdout.write\` in the master is left alone. What the config file prints while it is loaded for the first time comes before the logs are open, and goes to
standard output.`
