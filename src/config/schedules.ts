// Runs in the arbiter, when a config is loaded: checks the setting `schedules`, and finds the files of their
// modules.

import { LateModule } from '../os/late-module.ts'
import { messageOf } from '../os/error-message.ts'
import type { Schedule } from './settings/checked.ts'
import { scheduleSettingNames } from './settings/schedules.ts'
import { moduleFile } from './sources/module-file.ts'
import {
  AsServer,
  collectProblems,
  settingsIn,
  type AddProblem,
  type OwnParts,
} from './sources/own-settings.ts'
import { mainService, type ScheduleTimes, type ServicePlan } from './sources/service-plans.ts'
import type { Problem } from './problems/problem.ts'

/** croner takes milliseconds to load. */
const late = new LateModule(() => import('../os/cron.ts'))

/** Loads it, so that its files may be removed. */
export async function keepCron(): Promise<void> {
  await late.load()
}

export interface SchedulePlans {
  readonly schedules: readonly ServicePlan[]
  readonly problems: readonly Problem[]
}

/** Not called with a wrong `chdir`: each path would be reported too. */
export async function findSchedules(parts: OwnParts): Promise<SchedulePlans> {
  const { settings } = parts.resolution
  const { problems, add } = collectProblems(parts.resolution, 'schedules')
  const schedules: ServicePlan[] = []
  for (const [name, schedule] of Object.entries(settings.schedules)) {
    if (Object.hasOwn(settings.services, name) || name === mainService)
      add(name, '', `expected a name of its own; "${name}" is a service`)
    const found = await planOf({ name, schedule }, parts, add)
    if (found.plan !== undefined) schedules.push(found.plan)
    problems.push(...found.problems)
  }
  return { schedules, problems }
}

interface Named {
  readonly name: string
  readonly schedule: Schedule
}

interface Planned {
  /** Undefined when its times or its file are wrong. */
  readonly plan: ServicePlan | undefined
  readonly problems: readonly Problem[]
}

async function planOf(named: Named, parts: OwnParts, add: AddProblem): Promise<Planned> {
  const { name, schedule } = named
  const times = await timesOf(named, add)
  const { file, path } = moduleFile(schedule.run, parts.flags.base, (text) => add(name, 'run', text))
  const own = settingsIn(scheduleSettingNames, schedule)
  const server = new AsServer('schedules', { name, kind: 'schedule', own }, parts)
  const { beginning, ...inBeginning } = await server.begin()
  const { identity, ...inIdentity } = server.identity()
  const problems = [...inBeginning.problems, ...inIdentity.problems]
  if (times === undefined || file === null) return { plan: undefined, problems }
  const { nodeFlags, preloads } = beginning
  const plan: ServicePlan = {
    name,
    kind: 'schedule',
    identity,
    schedule: times,
    own,
    nodeFlags,
    preloads,
    classFile: null,
    appFile: file,
    appPath: path,
    processes: 0,
    stopsFirst: true,
    after: [],
    critical: false,
    reload: 'always',
    command: [],
    ready: undefined,
    stopSignal: 'SIGTERM',
  }
  return { plan, problems }
}

async function timesOf({ name, schedule }: Named, add: AddProblem): Promise<ScheduleTimes | undefined> {
  const { cron, timezone, overlap, missed, timeout } = schedule
  const { isTimezone, parseCron } = await late.load()
  if (timezone !== null && !isTimezone(timezone)) {
    add(name, 'timezone', `expected a time zone such as "Europe/Berlin"; got "${timezone}"`)
    return undefined
  }
  try {
    const table = parseCron(cron, timezone)
    if (table.next(Date.now()) === undefined) add(name, 'cron', `"${cron}" names no time in the future`)
    return { cron, timezone, overlap, missed, table, timeout: timeout * 1000 }
  } catch (error) {
    const reason = messageOf(error).replace(/^CronPattern: /, '')
    add(name, 'cron', `expected a cron expression such as "0 3 * * *"; got "${cron}" (${reason})`)
    return undefined
  }
}
