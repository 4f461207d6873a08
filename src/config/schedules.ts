// Runs in the arbiter, when a config is loaded: checks the setting `schedules`, and finds the files of their
// modules.

import { LateModule } from '../os/late-module.ts'
import { messageOf } from '../os/error-message.ts'
import type { Schedule } from './settings/checked.ts'
import { scheduleSettingNames } from './settings/schedules.ts'
import type { Settings } from './settings/table.ts'
import { moduleFile, type AddProblem } from './sources/module-file.ts'
import { settingsOfService, type ScheduleTimes, type ServicePlan } from './sources/service-plans.ts'
import type { NodeFlagParts } from './sources/node-args.ts'
import type { Problem } from './problems/problem.ts'
import type { Resolution } from './sources/resolve.ts'
import { readWorkerBeginning, type Beginning } from './sources/worker-start.ts'

/** croner takes milliseconds to load. */
const late = new LateModule(() => import('../os/cron.ts'))

/** Loads it, so that its files may be removed. */
export async function keepCron(): Promise<void> {
  await late.load()
}

export interface ScheduleParts {
  readonly resolution: Resolution
  /** Of the workers of the app. */
  readonly beginning: Beginning
  readonly flags: Omit<NodeFlagParts, 'setting'>
}

export interface SchedulePlans {
  readonly schedules: readonly ServicePlan[]
  readonly problems: readonly Problem[]
}

/** Not called with a wrong `chdir`: each path would be reported too. */
export async function findSchedules(parts: ScheduleParts): Promise<SchedulePlans> {
  const { settings, origins, written } = parts.resolution
  const problems: Problem[] = []
  const add: AddProblem = (name, part, message) => {
    const place = [written.schedules, name, part].filter((each) => each !== '').join('.')
    problems.push({ where: origins.schedules, name: place, message })
  }
  const schedules: ServicePlan[] = []
  for (const [name, schedule] of Object.entries(settings.schedules)) {
    if (Object.hasOwn(settings.services, name) || name === 'web')
      add(name, '', `expected a name of its own; "${name}" is a service`)
    const found = await planOf({ name, schedule }, parts, add)
    schedules.push(...found)
  }
  return { schedules, problems }
}

interface Named {
  readonly name: string
  readonly schedule: Schedule
}

/** None when its times or its file are wrong. */
async function planOf(named: Named, parts: ScheduleParts, add: AddProblem): Promise<readonly ServicePlan[]> {
  const { name, schedule } = named
  const times = await timesOf(named, add)
  const { file, path } = moduleFile(schedule.run, parts.flags.base, (text) => add(name, 'run', text))
  const own = ownSettings(schedule)
  const { nodeFlags, preloads } = await beginningOf(named, own, parts, add)
  if (times === undefined || file === null) return []
  return [
    {
      name,
      kind: 'schedule',
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
      command: [],
      ready: undefined,
      stopSignal: 'SIGTERM',
    },
  ]
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

function ownSettings(schedule: Schedule): Partial<Settings> {
  const own = scheduleSettingNames.filter((name) => schedule[name] !== undefined)
  // settings by their names, checked by the schemas of the rows of the same names
  return Object.fromEntries(own.map((name) => [name, schedule[name]])) as Partial<Settings>
}

async function beginningOf(
  { name, schedule }: Named,
  own: Partial<Settings>,
  { resolution, beginning, flags }: ScheduleParts,
  add: AddProblem,
): Promise<Beginning> {
  if (schedule.node_args === undefined) return beginning
  const settings = settingsOfService(resolution.settings, { kind: 'schedule', own })
  const found = await readWorkerBeginning({ ...resolution, settings }, flags)
  const wrong = found.problems.find((problem) => problem.name === resolution.written.node_args)
  if (wrong !== undefined) add(name, 'node_args', wrong.message)
  return found.beginning
}
