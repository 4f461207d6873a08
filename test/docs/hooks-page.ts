// docs/reference/hooks.md, made from the table of hooks, so that the page cannot say what the server does not
// do.

import {
  hookNames,
  hookOrder,
  hookTable,
  type HookName,
  type HookStep,
} from '../../src/config/hooks/table.ts'
import { hookText, showText } from '../../src/config/schema/texts.ts'
import { settings } from '../../src/config/settings/table.ts'

/** The whole page. */
export function hooksPage(): string {
  const parts = [intro, writing, all(), order(), asynchronous(), failures(), scripts, views, output]
  return `${parts.join('\n\n')}\n`
}

const intro = `# Hooks

A hook is a function that the server calls at a fixed point: to check a license before the start, to
open a connection pool in each worker, to tell a load balancer that the server stops. Names,
processes and order are gunicorn's; \`workers_ready\` and \`on_stopping\` are new.

- [Writing a hook](#writing-a-hook)
- [All hooks](#all-hooks)
- [Order](#order)
- [Sync and async](#sync-and-async)
- [When a hook throws](#when-a-hook-throws)
- [Hook scripts of a deployment](#hook-scripts-of-a-deployment)
- [What hooks see](#what-hooks-see)
- [What hooks print](#what-hooks-print)`

const writing = `## Writing a hook

Hooks are functions in the config file, beside the settings. \`defineConfig\` types their arguments.

\`\`\`ts
// server.config.ts
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  workers: 4,

  on_starting(server) {
    // An exception here refuses the start: exit code 1.
    if (process.env.DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set')
  },
  async post_fork(server, worker) {
    // Before the app is loaded. nr is stable: 0 to workers - 1.
    process.env.METRICS_PORT = String(9100 + worker.nr)
  },
  post_worker_init(worker) {
    // Attach ws or socket.io here.
    worker.server?.on('upgrade', (request, socket, head) => socket.destroy())
  },
  child_exit(server, worker) {
    if (worker.exit?.reason === 'signal')
      console.error(\`worker \${worker.nr} was ended by \${worker.exit.signal}\`)
  },
})
\`\`\`

The config file is loaded in the master **and in each worker**, because Node.js has no fork and
functions cannot be sent to another process. Code at its top level runs once in each process. A
variable that \`on_starting\` sets in the master is not set in \`post_fork\`, which runs in a worker.

All processes of a generation run the same code, even if the file was edited since. A reload (HUP)
begins a new generation.`

function all(): string {
  return `## All hooks\n\n${hookNames.map(hook).join('\n\n')}`
}

function hook(name: HookName): string {
  const { doc, facts } = hookText(name)
  const all = [`arguments: \`${hookTable[name].arguments.join(', ')}\``, ...facts]
  return `### ${name}\n\n${showText({ doc, facts: all })}`
}

function processOf(name: HookName): string {
  return hookTable[name].process === 'arbiter' ? 'master' : 'worker'
}

function order(): string {
  const rows = Object.values(hookOrder).map(({ when, steps }) => `**${when}**:\n\n${showSteps(steps)}`)
  return `## Order

${rows.join('\n\n')}

The hooks of each signal are in [signals.md](signals.md). Hooks of one process run one after another,
never two at a time. \`pre_request\` and \`post_request\` are the exception: they do not wait for others.`
}

/** A numbered list of hooks in their order, each with its process and how often it runs. */
export function showSteps(steps: readonly HookStep[]): string {
  return steps
    .map(({ hook, runs }, index) => `${index + 1}. \`${hook}\` (${whereAndHowOften(hook, runs)})`)
    .join('\n')
}

function whereAndHowOften(hook: HookName, runs: HookStep['runs']): string {
  if (runs === 'changed') return `${processOf(hook)}, if the number changes`
  if (runs === 'once') return processOf(hook)
  return processOf(hook) === 'master' ? 'master, for each worker' : 'in each worker'
}

function asynchronous(): string {
  return `## Sync and async

Every hook may be async. The server waits for it, but at most \`hook_timeout\` (${String(settings.hook_timeout.default)} s by default). After
that it continues without the hook, and logs an error. While the master waits for a hook it handles
signals and everything else; requests are served.

A hook that blocks the event loop (an endless \`while\`, \`execSync\`) cannot be limited. In the master it
blocks the master; in a worker \`timeout\` ends the worker.

- \`pre_fork\` delays its worker; the time counts towards \`boot_timeout\`.
- \`pre_request\` delays the app if it is async. If it is not, it adds only its own run time.
- \`post_request\` runs after the response and its access line; nothing waits for it.
- A config without \`pre_request\` and \`post_request\` has no cost per request.
- \`worker_int\` and \`worker_exit\` of a worker that has to exit at once have 2 s; then it is killed.`
}

function failures(): string {
  const refusing = hookNames.filter((name) => 'refuses' in hookTable[name]).map((name) => `\`${name}\``)
  return `## When a hook throws

${refusing.join(', ')} may refuse.
An exception, a rejection or \`hook_timeout\` stops what was about to happen; the error log has the hook's
name, its file and the reason.

- \`on_starting\` ends the start with exit code 1.
- A hook in a worker fails the boot of that worker. At the start of the server this ends it with exit
  code 3. At a reload the old generation keeps serving. Later the slot is tried again with a growing
  delay.

Every other hook only observes. What it throws is logged with its name, file and stack, and the server
continues; the hooks of other files still run. (In gunicorn an exception in \`pre_fork\`, \`child_exit\` or
\`on_reload\` ends the whole server.)`
}

const scripts = `## Hook scripts of a deployment

The setting \`hooks\`, or \`--hooks FILE\` (repeatable), names modules whose exports are hooks: TypeScript,
ES modules or CommonJS, without a build. Use them for what belongs to one host or one stage and not to
the app.

\`\`\`ts
// deploy/production.ts, with tsgun --hooks ./deploy/production.ts
import type { ServerView } from 'tsgun'

const balancer = 'http://balancer.internal'

export async function workers_ready(server: ServerView): Promise<void> {
  await fetch(\`\${balancer}/add\`, { method: 'POST', body: server.listeners.join() })
}

export async function on_stopping(server: ServerView): Promise<void> {
  await fetch(\`\${balancer}/remove\`, { method: 'POST', body: server.listeners.join() })
}
\`\`\`

The config file's own hook runs first, then those of the scripts in the order in which they are named.
When one refuses, the later ones are not called. A script that is missing, does not load or exports no
hook ends the start with exit code 1.`

const views = `## What hooks see

**\`server\`**, read-only. In the master each property is read when you use it. In a worker it is a copy
from the moment when the worker was started; \`workers\` and \`slots\` are empty there, \`logs\` is null.

- \`pid\`, \`version\`, \`settings\`, \`listeners\` (addresses), \`num_workers\`, \`generation\`
- \`workers\`: a \`worker\` for each process, as below
- \`slots\`: \`nr\`, \`state\` (\`ready\`, \`starting\`, \`crash-loop\`), \`failures\` (workers in a row that failed
  before they were ready, or within a second after) and \`last_error\`
- \`logs\`: for each log the bytes written and waiting, lines dropped, rotations

**\`worker\` in the master**

- \`nr\`, \`age\`, \`generation\`, \`state\`, \`pid\` (null in \`pre_fork\`)
- \`reason\`: why the master is ending it, for example \`reload\`; otherwise null
- \`age_seconds\` since the start of the process, \`uptime_seconds\` since it was ready (null before),
  \`beat_seconds\` since its last beat
- \`requests\`, \`busy\`, \`connections\`, \`overdue\`, \`rss\`, as of its last beat
- \`exit\` in \`child_exit\`: \`reason\`, \`code\`, \`signal\`, \`ended_by\` (\`tsgun\`, \`itself\`, \`other\`) and
  \`stderr\`, its last lines

**\`worker\` in a worker**

- \`nr\`, \`age\`, \`generation\`, \`pid\`, \`settings\`
- \`server\`: the \`http.Server\`, from \`post_worker_init\` on; null before
- \`exit\` in \`worker_int\`, \`worker_abort\` and \`worker_exit\`: the \`reason\`, and the \`code\` that the
  process will exit with

**\`reason\`** is why the master ended the worker: \`stop\`, \`quit\`, \`reload\`, \`scale\`, \`max_requests\`,
\`max_memory\`, \`heap\`, \`timeout\`, \`boot_timeout\` and so on. If the master did not end it:

- \`disconnected\`: its app closed the channel to the master
- \`oom\`: V8 or the kernel ran out of memory
- \`orphaned\` (in the worker): the master has exited
- \`signal\`, \`exit\`: anything else

**\`req\` and \`res\`** are Node's \`IncomingMessage\` and \`ServerResponse\`. gunicorn's \`environ\` has no
counterpart: everything is in \`req\`.`

const output = `## What hooks print

With \`capture_output\` (the default) \`console.log\` in a hook becomes a record of the app log: in the
master with the master's pid and no worker number, in a worker with its number. What a hook logs with
\`log\` of \`tsgun\` goes to the app log in any case ([logs.md](../run/logs.md#a-logger-for-the-app)).

\`process.stdout.write\` in the master is not captured. What the config file prints while it is loaded for
the first time goes to standard output, because the logs are not open yet.`
