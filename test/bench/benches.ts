// The benchmarks by name.

import { balance } from './balance.ts'
import { laterWorkers } from './boot.ts'
import { busMessages } from './bus.ts'
import { workerClasses } from './classes.ts'
import { compute } from './compute.ts'
import { executable } from './executable.ts'
import { http2Requests } from './http2.ts'
import { accessLogs } from './logs.ts'
import { besideSlowClients, requestChecks } from './clients.ts'
import { preloaded } from './preload.ts'
import type { Row } from './row.ts'
import { memory, startTimes } from './start.ts'
import { stuckWorkers } from './stuck.ts'
import { keepAlive, newConnections } from './throughput.ts'
import { handshakes } from './tls.ts'

export const benches: Readonly<Record<string, () => Promise<Row | readonly Row[]>>> = {
  'keep-alive': keepAlive,
  connections: newConnections,
  balance,
  start: startTimes,
  executable,
  memory,
  boot: laterWorkers,
  preload: preloaded,
  logs: accessLogs,
  stuck: stuckWorkers,
  checks: requestChecks,
  slow: besideSlowClients,
  tls: handshakes,
  http2: http2Requests,
  compute,
  bus: busMessages,
  classes: workerClasses,
}
