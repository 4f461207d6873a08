// Runs in the arbiter: the server as the control socket sees it. What it tells is read when somebody asks.

import type { ControlledServer } from '../arbiter/start/control-life.ts'
import type { WorkerRecord } from '../arbiter/model/worker-record.ts'
import { Chronicle, toldOf } from './chronicle.ts'
import type { Status, WorkerStatus } from './protocol.ts'
import type { ControlTarget } from './target.ts'

export function controlTarget(server: ControlledServer): ControlTarget {
  const { queue, journal, clock } = server
  const chronicle = new Chronicle()
  journal.observe((event) => chronicle.see(event, new Date()))
  return {
    status: () => statusOf(server, chronicle),
    workers: () => server.records().map((record) => workerStatus(record, clock.now())),
    order(order, told) {
      journal.report({ type: 'ordered', order })
      queue.put({ type: 'order', order, told })
    },
    subscribe: (listener) => journal.observe((event) => listener(toldOf(event))),
  }
}

function statusOf(
  { view, config, records }: ControlledServer,
  { state, answered, lastReload }: Chronicle,
): Status {
  const workers = records()
  const sum = (figure: 'requests' | 'busy' | 'overdue' | 'connections'): number =>
    workers.reduce((total, { load }) => total + load[figure], 0)
  const serves = (nr: number): boolean =>
    workers.some((worker) => worker.nr === nr && worker.state === 'ready')
  return {
    version: view.version,
    pid: view.pid,
    state,
    uptime_seconds: Math.floor(process.uptime()),
    config,
    listeners: view.listeners,
    generation: view.generation,
    workers: { wanted: view.num_workers, ready: view.slots.filter(({ nr }) => serves(nr)).length },
    requests: { answered: answered + sum('requests'), busy: sum('busy'), overdue: sum('overdue') },
    connections: sum('connections'),
    last_reload: lastReload,
    slots: view.slots,
    logs: view.logs ?? {},
  }
}

/** Pure. */
export function workerStatus(record: WorkerRecord, now: number): WorkerStatus {
  const { nr, age, generation, pid, state, reason, spawnedAt, readyAt, lastBeat, load } = record
  const { requests, busy, connections, overdue, rss } = load
  return {
    nr,
    age,
    generation,
    pid,
    state,
    reason,
    age_seconds: seconds(now - spawnedAt),
    uptime_seconds: readyAt === null ? null : seconds(now - readyAt),
    beat_seconds: seconds(now - lastBeat),
    requests,
    busy,
    connections,
    overdue,
    rss,
  }
}

/** To a tenth. */
function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds / 100) / 10)
}
