// What an access log costs: requests/s and processor time of a worker on a core of its own with a log and
// without, beside common loggers inside a worker. The master and the load have the other core. Processor
// time varies less than requests/s on a shared machine, so a log's cost is given in processor time per
// request above that of the same app without a log.

import { accessTurn, startLogged, type LoggedServer, type Turn } from './logged-server.ts'
import { rowOf, type Row } from './row.ts'

const rounds = 7

/** Each is one worker of tsgun with the same app; other loggers run in the app. */
const servers = {
  none: { app: './hello.js:app', name: 'without access log' },
  json: { app: './hello.js:app', format: 'json', name: 'JSON access log' },
  combined: { app: './hello.js:app', format: 'combined', name: 'combined access log' },
  pinoGathered: {
    app: './hello-pino.js:app',
    env: 'LOG_BUFFER=4096',
    name: 'pino-http to a file, sync: false, minLength: 4096',
  },
  pino: { app: './hello-pino.js:app', name: 'pino-http to a file' },
  morgan: { app: './hello-morgan.js:app', name: 'morgan combined to a file' },
} as const

type Kind = keyof typeof servers
type Round = Readonly<Record<Kind, Turn>>
type Measure = (round: Round, kind: Kind) => number
type Facts = Pick<Row, 'unit' | 'goal'> & { readonly name: string; readonly measure: Measure }

const kinds = Object.keys(servers) as Kind[] // the keys of a constant object

const requests: Facts = {
  name: 'requests of one worker',
  unit: 'requests/s',
  goal: 'near 1',
  measure: (round, kind) => round[kind].perSecond,
}
const microseconds = { unit: 'µs', goal: 'near 1' }
const worker: Facts = {
  ...microseconds,
  name: 'CPU of the worker per request',
  measure: (round, kind) => round[kind].worker,
}
const both: Facts = { ...microseconds, name: 'CPU of worker and master per request', measure: total }
const cost: Facts = {
  ...microseconds,
  name: 'CPU that a line costs in worker and master',
  goal: 'less than 1',
  measure: (round, kind) => total(round, kind) - total(round, 'none'),
}

export async function accessLogs(): Promise<Row[]> {
  const measured = await measureAll()
  const row = (kind: Kind, other: Kind, { measure, name, ...facts }: Facts): Row =>
    rowOf(
      { ...facts, name: `${name}, ${servers[kind].name}`, baseline: servers[other].name },
      measured.map((round) => ({ tsgun: measure(round, kind), other: measure(round, other) })),
    )
  return [
    ...(['json', 'combined'] as const).flatMap((kind) =>
      [requests, worker, both].map((facts) => row(kind, 'none', facts)),
    ),
    ...(['pinoGathered', 'pino', 'morgan'] as const).flatMap((kind) =>
      [requests, worker].map((facts) => row(kind, 'none', facts)),
    ),
    row('json', 'pinoGathered', cost),
    row('json', 'pino', cost),
    row('combined', 'morgan', cost),
    masterRow('json', measured),
    masterRow('combined', measured),
  ]
}

function masterRow(kind: 'json' | 'combined', measured: readonly Round[]): Row {
  const facts = {
    name: `CPU of the master per million lines, ${servers[kind].name}`,
    unit: 's',
    goal: 'less than 2 s',
  }
  const turns = measured.map((round) => ({ tsgun: round[kind].masterPerLine, other: round[kind].catPerLine }))
  return rowOf({ ...facts, baseline: 'cat FILE | cat > COPY of the same lines' }, turns)
}

function total(round: Round, kind: Kind): number {
  return round[kind].worker + round[kind].master
}

async function measureAll(): Promise<Round[]> {
  const started = new Map<Kind, LoggedServer>()
  try {
    for (const kind of kinds) started.set(kind, await startLogged(kind, servers[kind]))
    await measureRound(started, kinds) // warms V8 up
    const measured: Round[] = []
    for (let nr = 0; nr < rounds; nr += 1)
      measured.push(await measureRound(started, nr % 2 === 0 ? kinds : kinds.toReversed()))
    return measured
  } finally {
    await Promise.all([...started.values()].map(({ server }) => server.stop()))
  }
}

async function measureRound(
  started: ReadonlyMap<Kind, LoggedServer>,
  order: readonly Kind[],
): Promise<Round> {
  const turns: Partial<Record<Kind, Turn>> = {}
  for (const kind of order) {
    const server = started.get(kind)
    if (server) turns[kind] = await accessTurn(server)
  }
  return turns as Round // each of the kinds had its round
}
