// Runs in the arbiter: what a worker process is started with. Pure.

import { workerDescriptors } from '../../../ipc/environment.ts'
import { programIn } from '../../../ipc/home.ts'
import { mainService, type ServicePlan } from '../../../config/sources/service-plans.ts'
import type { TaskPlan } from '../../../config/sources/task-pools.ts'
import type { CallableTask, ServiceBoot, TaskBoot } from '../../../ipc/boot-parts.ts'
import type { Listener } from '../../../listen/listener.ts'
import { cpuShare, threadCount } from '../../model/cpu-share.ts'
import type { Generation } from '../../model/generation.ts'
import { servedSockets } from '../../model/served-sockets.ts'
import type { CommandStart, WorkerStart } from '../../model/system.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'
import { bootAllowance } from '../stuck.ts'
import { workerEnvironment } from './worker-environment.ts'

export interface BootFacts {
  readonly version: string
  /** Whether the error log and the app log are shown in colour. */
  readonly color: WorkerStart['boot']['color']
  /** Monotonic milliseconds. */
  readonly now: number
  /** The file to lock, for an instance of which only one may run. */
  readonly lock?: number | undefined
  /** Absent: nothing is sent. */
  readonly bus?: WorkerStart['boot']['bus']
}

/** What the start of a worker depends on. */
export type StartedRecord = Pick<WorkerRecord, 'nr' | 'age' | 'trial' | 'generation' | 'deadline'>

export function workerStart(record: StartedRecord, generation: Generation, facts: BootFacts): WorkerStart {
  const { config, codeStore, home, broken, tls, task, shared } = generation
  const { settings, durations, codeFile, hookFiles, preloads, appFile, appPath, identity, directory } = config
  const { nr, age, trial } = record
  const { version, color, lock, bus } = facts
  return {
    boot: {
      nr,
      age,
      generation: record.generation,
      version,
      settings,
      durations,
      identity,
      hookFiles,
      preloads,
      classFile: config.classFile,
      appFile,
      appPath,
      trial,
      configFile: codeFile,
      codeStore,
      color,
      workers: generation.workers,
      threads: threadCount(generation),
      bootWithin: timeToBoot(record, generation, facts.now),
      checkOnly: false,
      broken,
      tls: tls?.boot(),
      tasks: callableTasks(generation),
      task: task && taskBoot(task),
      service: task ? undefined : serviceBoot(generation, nr, facts.lock),
      cpus: cpuShare(generation),
      shared: shared?.manifest,
      bus,
    },
    entry: programIn(home, 'worker'),
    directory,
    environment: workerEnvironment(record, generation),
    nodeFlags: config.nodeFlags.flags,
    listeners: servedSockets(generation, nr),
    files: lock === undefined ? shared?.descriptors : [...(shared?.descriptors ?? []), lock],
  }
}

/** A foreign program as a service. */
export function commandStart(
  record: StartedRecord,
  generation: Generation,
  { name, command, ready, stopSignal }: ServicePlan,
  color: boolean,
): CommandStart {
  const { settings, identity, directory } = generation.config
  const environment = workerEnvironment(record, generation)
  return {
    name,
    nr: record.nr,
    words: command,
    directory,
    environment,
    identity,
    ready,
    stopSignal,
    settings,
    color,
  }
}

/** Their queues are open, unless nothing is served (--check-config). */
function callableTasks({ config, tasks }: Pick<Generation, 'config' | 'tasks'>): readonly CallableTask[] {
  return config.tasks.map(({ name, timeout, attempts, processes, max_queue: maxQueue }) => {
    const queues = tasks.find(({ plan }) => plan.name === name)?.queues
    const [high, normal] = [pathOf(queues?.high), pathOf(queues?.normal)]
    return { name, high, normal, timeout, attempts, processes, maxQueue }
  })
}

const pathOf = (listener: Listener | undefined): string => listener?.file?.path ?? ''

function taskBoot({ name, file, timeout, max_queue: maxQueue }: TaskPlan): TaskBoot {
  return { name, file, timeout, maxQueue }
}

/** The file to lock comes after those of shared memory. */
function serviceBoot(
  { service, config, shared, runAt }: Generation,
  nr: number,
  lock: number | undefined,
): ServiceBoot | undefined {
  if (service) {
    const place = workerDescriptors.firstInherited + (shared?.descriptors.length ?? 0)
    return {
      name: service.name,
      isRunner: service.kind !== 'app',
      ...(runAt !== undefined && { runAt }),
      ...(lock !== undefined && { lock: place }),
      ...(service.lock && { remote: { ...service.lock, key: `${service.lock.key}:${nr}` } }),
    }
  }
  return config.services.length > 0 ? { name: mainService, isRunner: false } : undefined
}

/** Milliseconds that are left of boot_timeout; null without a limit. */
function timeToBoot({ deadline }: StartedRecord, { config }: Generation, now: number): number | null {
  return deadline === null ? null : Math.max(0, deadline - bootAllowance(config.settings) - now)
}
