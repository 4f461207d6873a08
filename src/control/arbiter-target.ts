// Runs in the arbiter: the server as the control socket sees it. It is read when a client asks.

import type { Commands } from '../arbiter/model/commands.ts'
import type { ArbiterEvent, Emit } from '../arbiter/model/events.ts'
import type { PoolSnapshot, Snapshot, TakeSnapshot } from '../arbiter/model/snapshot.ts'
import { workersOf } from '../arbiter/model/view.ts'
import type { LogFeed } from '../logging/files/log-feed.ts'
import { mainService } from '../logging/records/record.ts'
import type { Narrated, Narration } from '../arbiter/report/narration.ts'
import type { Status } from './protocol.ts'
import type { ControlTarget, Ending, ServerProgress } from './target.ts'

/** What the control socket reads and gives orders to. */
export interface ControlledServer {
  readonly snapshot: TakeSnapshot
  readonly narration: Pick<Narration, 'subscribe'>
  readonly feed: LogFeed
  readonly commands: Commands
  readonly emit: Emit
}

export function controlTarget({
  snapshot,
  narration,
  feed,
  commands,
  emit,
}: ControlledServer): ControlTarget {
  return {
    status: () => statusOf(snapshot()),
    workers: () => workersOf(snapshot()),
    schedules: () => snapshot().schedules,
    services: () => namesOf(snapshot()),
    feed,
    order(order, onResult) {
      emit({ type: 'ordered', order })
      commands.put({ type: 'order', order, onResult })
    },
    subscribe: (listener) => narration.subscribe((narrated) => listener(progressOf(narrated))),
  }
}

/** The services, and the schedules, whose processes are services too. */
function namesOf({ pools, schedules }: Snapshot): readonly string[] {
  const services = pools.filter(({ isService }) => isService === true)
  return [...new Set([mainService, ...[...services, ...schedules].map(({ name }) => name)])]
}

/** Pure. */
export function statusOf(snapshot: Snapshot): Status {
  const { version, pid, config, listeners, pools, bus, logs, history } = snapshot
  const [app] = pools
  const serving = pools.filter(({ figures }) => figures === undefined).flatMap(({ workers }) => workers)
  const sum = (figure: 'requests' | 'busy' | 'overdue' | 'connections'): number =>
    serving.reduce((total, { load }) => total + load[figure], 0)
  const serves = (nr: number): boolean => app.workers.some((each) => each.nr === nr && each.state === 'ready')
  return {
    version,
    pid,
    state: history.state,
    uptime_seconds: Math.floor((snapshot.now - snapshot.startedAt) / 1000),
    config,
    listeners,
    generation: app.generation,
    workers: { wanted: app.target, ready: app.slots.filter(({ nr }) => serves(nr)).length },
    requests: { answered: history.answered + sum('requests'), busy: sum('busy'), overdue: sum('overdue') },
    connections: sum('connections'),
    last_reload: history.lastReload,
    slots: app.slots,
    services: pools.flatMap(serviceStatus),
    tasks: pools.flatMap(taskStatus),
    bus: bus ?? null,
    logs: { ...logs, ...snapshot.ownLogs },
  }
}

/** None of the app, which comes first, and of tasks. */
function serviceStatus({
  name,
  generation,
  target,
  workers,
  slots,
  isService,
}: PoolSnapshot): Status['services'] {
  if (isService !== true) return []
  const ready = workers.filter(({ state }) => state === 'ready').length
  return [{ name, generation, processes: { wanted: target, ready }, slots }]
}

/** None of a pool that serves. */
function taskStatus({ name, generation, target, workers, figures }: PoolSnapshot): Status['tasks'] {
  if (figures === undefined) return []
  const ready = workers.filter(({ state }) => state === 'ready').length
  return [{ name, generation, processes: { wanted: target, ready }, ...figures() }]
}

/** Pure. */
export function progressOf({ level, msg, event }: Narrated): ServerProgress {
  const ending = endingOf(event)
  return ending === undefined ? { level, msg } : { level, msg, ending }
}

function endingOf(event: ArbiterEvent): Ending | undefined {
  if (event.type === 'reloaded') return { of: 'reload', attempt: event.attempt, failure: null }
  if (event.type === 'reload_failed') return { of: 'reload', attempt: event.attempt, failure: event.reason }
  if (event.type === 'upgraded') return { of: 'upgrade', failure: null }
  if (event.type === 'upgrade_failed') return { of: 'upgrade', failure: event.reason }
  if (event.type === 'stopping') return { of: 'service' }
  return event.type === 'stopped' ? { of: 'stop' } : undefined
}
