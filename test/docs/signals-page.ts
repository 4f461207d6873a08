// docs/reference/signals.md, made of the table of signals, so that the page cannot say what the server does
// not do.

import { signalTable, type SignalRow } from '../../src/arbiter/model/signals.ts'
import { ignoredSignals } from '../../src/worker/signals.ts'
import { showSteps } from './hooks-page.ts'

/** The whole page. */
export function signalsPage(): string {
  return `${[intro, table(), hooks(), recipes, workers()].join('\n\n')}\n`
}

const intro = `<!-- Made by \`npm run docs\` from src/arbiter/model/signals.ts; edit test/docs/signals-page.ts. -->

# Signals

Send them to the **master**; its pid is in the \`pidfile\`, in the first line of the error log and in the process title (\`tsgun: master [name]\`). Names and effects are gunicorn's.
A signal is only noted when it comes and carried out in its turn, so none is lost, and a reload that is under way holds up no other signal.`

function rows(): readonly (readonly [string, SignalRow])[] {
  return Object.entries(signalTable)
}

function table(): string {
  return `## To the master

| Signal | Effect |
|---|---|
${rows()
  .map(([name, { effect }]) => `| \`${name.replace('SIG', '')}\` | ${effect} |`)
  .join('\n')}
| \`KILL\` | Cannot be caught: the master is gone at once. Each worker notices, finishes its requests within \`graceful_timeout\` and exits. Pidfile and unix sockets stay behind; the next start replaces them. |`
}

function hooks(): string {
  return `## Hooks that each calls

A test sends each signal to a real server and compares the calls with this table. What the hooks are is in [hooks.md](hooks.md).

| Signal | Hooks, in their order |
|---|---|
${rows()
  .map(([name, { hooks: steps }]) => `| \`${name.replace('SIG', '')}\` | ${showSteps(steps)} |`)
  .join('\n')}`
}

const recipes = `## Recipes

\`\`\`sh
kill -TERM $(cat server.pid)   # stop, after the requests in flight
kill -HUP  $(cat server.pid)   # new config, hooks and app, without a failed request
kill -TTIN $(cat server.pid)   # one worker more
\`\`\`

USR1 and logrotate are in [logging.md](../run/logs.md#with-logrotate), starting and stopping by systemd in [deploy.md](../run/deploy.md#systemd).`

function workers(): string {
  return `## To a worker

A worker gets its orders from the master, never by a signal. So that \`pkill\`, a terminal's Ctrl-C or a service manager that signals the whole group does no harm, it ignores ${ignoredSignals
    .map((name) => `\`${name.replace('SIG', '')}\``)
    .join(', ')}, and says so in the error log. \`KILL\` ends it at once; the master replaces it.`
}
