// docs/reference/signals.md, made from the table of signals, so that the page cannot say what the server does
// not do.

import { signalTable, type SignalRow } from '../../src/arbiter/model/signals.ts'
import { ignoredSignals } from '../../src/worker/signals.ts'
import { showSteps } from './hooks-page.ts'
import { linkPages } from './lines.ts'

/** The whole page. */
export function signalsPage(): string {
  return `${[intro, ...rows().map(signal), kill, recipes, workers()].join('\n\n')}\n`
}

const intro = `# Signals

Send signals to the **master**. Its pid is in the \`pidfile\`, in the first lines of the error log and in
the process list (\`tsgun: master [name]\`). Names and effects are gunicorn's.

The master queues each signal and handles them one after another, so none is lost. A reload in
progress does not delay other signals.

The hooks that each signal calls are listed in their order ([hooks.md](hooks.md)).

## Signals to the master`

function rows(): readonly (readonly [string, SignalRow])[] {
  return Object.entries(signalTable)
}

function signal([name, { effect, hooks }]: readonly [string, SignalRow]): string {
  const calls = hooks.length === 0 ? '' : `\n\nHooks:\n\n${showSteps(hooks)}`
  return `### ${name.replace('SIG', '')}\n\n${linkPages(effect)}${calls}`
}

const kill = `### KILL

Cannot be caught: the master ends at once. Each worker notices this, finishes its requests within
\`graceful_timeout\` and exits. The pidfile and unix sockets are left behind; the next start replaces
them.`

const recipes = `## Recipes

\`\`\`sh
kill -TERM $(cat server.pid)   # stop after the requests in flight
kill -HUP  $(cat server.pid)   # load the current config, hooks and app, without a failed request
kill -TTIN $(cat server.pid)   # one more worker
\`\`\`

USR1 with logrotate: [logs.md](../run/logs.md#with-logrotate). Start and stop with systemd:
[systemd.md](../run/systemd.md).`

function workers(): string {
  const names = ignoredSignals.map((name) => `\`${name.replace('SIG', '')}\``).join(', ')
  const text =
    `Workers get their orders from the master over a pipe, not by signals. A worker ignores ${names} and ` +
    'logs that, so that `pkill`, Ctrl-C in a terminal or a service manager that signals the whole ' +
    "process group does no harm. The app's own listeners run when the worker has drained " +
    '([drain.md](../understand/drain.md#the-apps-own-end)). `KILL` ends a worker at once; the master replaces it.'
  return `## Signals to a worker\n\n${text}`
}
