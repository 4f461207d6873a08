// Runs in the arbiter: the start of a worker. A slot is claimed at once, and its process starts when pre_fork
// is done and the sockets of the slot are open; the limit of the boot counts from the claim.

import { mainService } from '../../config/sources/service-plans.ts'
import { toError } from '../../logging/records/describe-error.ts'
import type { Generation } from '../model/generation.ts'
import { workerView } from '../model/view.ts'
import type { WorkerHandlers } from '../model/system.ts'
import { newRecord, type WorkerRecord } from '../model/worker-record.ts'
import { commandStart, workerStart } from './process/boot-message.ts'
import { drawLimits } from './limits.ts'
import type { PoolParts } from './pool-parts.ts'
import { bootAllowance } from './stuck.ts'

export class Spawning {
  readonly #parts: PoolParts

  constructor(parts: PoolParts) {
    this.#parts = parts
  }

  spawn(place: Pick<WorkerRecord, 'nr' | 'trial' | 'restart'>, generation: Generation): void {
    const { system, commands, members, nextAge, view } = this.#parts
    const now = system.clock.now()
    const { config, hooks, number } = generation
    const { boot_timeout } = config.durations
    const bootTime = boot_timeout + bootAllowance(config.settings) + place.trial
    const deadline = boot_timeout > 0 ? now + bootTime : null
    const age = nextAge()
    const task = generation.task?.name ?? null
    const service = task === null ? (generation.service?.name ?? mainService) : null
    const running = generation.service?.kind === 'run' ? false : null
    const limits = drawLimits(config, system)
    const record = newRecord(
      { ...place, task, service, running, age, generation: number },
      now,
      deadline,
      limits,
    )
    members.add(record, generation)
    const isReady = hooks
      .run('pre_fork', view, workerView(record, now))
      .then(() => generation.slots.open(record.nr))
    isReady.then(
      () => commands.put({ type: 'start', age }),
      (error: unknown) =>
        commands.put({ type: 'end', age, end: { code: null, signal: null, error: toError(error) } }),
    )
  }

  /** pre_fork is done. Does nothing if the worker was cancelled. `quiet`: its slot is in a crash loop. */
  start(age: number, isLooping: (nr: number) => boolean): void {
    const { commands, members, emit } = this.#parts
    const generation = members.generationOf(age)
    const record = members.roster.get(age)
    if (record?.state !== 'spawned' || generation === undefined) return
    try {
      members.addProcess(age, this.#startProcess(record, generation))
    } catch (error) {
      // What it needs besides its process cannot be had, for example a file to lock on a full disk.
      return commands.put({ type: 'end', age, end: { code: null, signal: null, error: toError(error) } })
    }
    const started = members.roster.get(age)
    if (started && started.pid !== null)
      emit({ type: 'worker_started', worker: started, quiet: isLooping(record.nr) })
  }

  #startProcess(
    record: WorkerRecord,
    generation: Generation,
  ): ReturnType<PoolParts['system']['startWorker']> {
    const { system, commands, members, emit, version, color, locks, bus } = this.#parts
    const { age } = record
    const { service, config } = generation
    const lock =
      service?.kind === 'run' && service.stopsFirst
        ? locks.of(service.name, record.nr, config.identity)
        : undefined
    const present = (): WorkerRecord => members.roster.get(age) ?? record
    const handlers: WorkerHandlers = {
      onMessage: (message) => commands.put({ type: 'message', age, message }),
      onChannelClosed: () => commands.put({ type: 'disconnected', age }),
      onTrouble: (reason) =>
        emit({ type: 'warning', message: `${service?.name ?? mainService} ${record.nr}: ${reason}` }),
      onUnknownMessage: () => emit({ type: 'unknown_message', worker: present() }),
      onGarbage: (bytes) => emit({ type: 'log_garbage', worker: present(), bytes }),
      // The kernel does not tell a parent that it killed its child for lack of memory: the cgroup's count
      // does.
      onEnd: (end) => {
        const oom = end.signal === 'SIGKILL' && system.hasOomKill()
        commands.put({ type: 'end', age, end: oom ? { ...end, oom } : end })
      },
    }
    if (service?.kind === 'command')
      return system.startCommand(commandStart(record, generation, service, color(service.name).app), handlers)
    const facts = { version, color: color(service?.name), now: system.clock.now(), lock, bus: bus?.() }
    return system.startWorker(workerStart(record, generation, facts), handlers)
  }
}
