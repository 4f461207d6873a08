// What the text of the app says, without running it: whether it serves, its port, its path of health, and
// what tells how many workers it can have. Pure. It is a look, not a parse: what it does not see is left
// out.

import type { Project } from './project.ts'

const signs = [
  /\blisten\s*\(/,
  /\bcreateServer\b/,
  /\bfetch\s*[(:]/,
  /\bserve\s*\(/,
  /(?:from|require\()\s*['"](?:node:)?https?['"]/,
  /(?:from|require\()\s*['"](?:express|fastify|koa|hono|h3|polka|restify|@nestjs\/core|@hapi\/hapi)['"]/,
]

export function looksLikeServer(text: string): boolean {
  return signs.some((sign) => sign.test(text))
}

const ports = [
  /\bPORT\b['"\])]*\s*(?:\|\||\?\?|,)\s*['"`]?(\d{2,5})\b/,
  /\.listen\(\s*\{[^}]*\bport\s*:\s*['"`]?(\d{2,5})\b/,
  /\.listen\(\s*['"`]?(\d{2,5})\b/,
  /\bport\s*[:=]\s*(?:Number\()?['"`]?(\d{2,5})\b/i,
]

/** The port that the program uses by default. */
export function portIn(text: string): number | undefined {
  const found = ports.map((pattern) => pattern.exec(text)?.[1]).find((port) => port !== undefined)
  const port = Number(found)
  return port > 0 && port < 65_536 ? port : undefined
}

/** A route that looks like that of a health check: `/healthz`. */
export function healthPathIn(text: string): string | undefined {
  return /['"`](\/(?:[\w-]+\/)*(?:healthz?|health-?check|readyz?|livez?|ping|status))['"`]/.exec(text)?.[1]
}

export interface Caution {
  readonly packages: readonly string[]
  /** Why the app may need a change before it has several workers. */
  readonly note: readonly string[]
}

/** What keeps its state in the memory of one process. */
const cautions: readonly Caution[] = [
  {
    packages: ['socket.io'],
    note: [
      "socket.io: several workers need transports: ['websocket'] in the client, and an adapter",
      '(such as @socket.io/redis-adapter), because the requests of a client reach any worker.',
    ],
  },
  {
    packages: ['node-red'],
    note: ['Node-RED keeps its flows in the memory of one process.'],
  },
]

/** Why this app is better started with one worker. */
export function reasonsForOneWorker({ package: found }: Pick<Project, 'package'>): readonly string[] {
  return cautions
    .filter(({ packages }) => packages.every((name) => found?.dependencies.has(name)))
    .flatMap(({ note }) => note)
}

/** Schedulers run their jobs once in each worker. */
export function schedulersIn({ package: found }: Pick<Project, 'package'>): readonly string[] {
  const names = ['node-cron', 'node-schedule', 'cron', '@nestjs/schedule', 'toad-scheduler', 'croner']
  return names.filter((name) => found?.dependencies.has(name))
}
