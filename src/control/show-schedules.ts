// Runs in `tsgunctl`: the schedules and their last runs for a terminal. Pure.

import type { SchedulesResponse } from './protocol.ts'
import { duration, type Palette } from './show.ts'

type Schedule = SchedulesResponse['schedules'][number]

/** One block for each schedule: what it is, then its last runs, the newest first. */
export function showSchedules(schedules: readonly Schedule[], palette: Palette): string {
  if (schedules.length === 0) return 'the server has no schedules'
  return schedules.map((schedule) => showSchedule(schedule, palette)).join('\n\n')
}

function showSchedule(schedule: Schedule, palette: Palette): string {
  const { name, cron, timezone, next, history } = schedule
  const zone = timezone === null ? '' : ` ${timezone}`
  const lines = history.map((run) => `  ${showRun(run, palette)}`).reverse()
  return [
    `${name}  (${cron}${zone})  next: ${next ?? 'never'}`,
    `  ${showCounts(schedule, palette)}`,
    ...lines,
  ].join('\n')
}

function showCounts(schedule: Schedule, { warn, error }: Palette): string {
  const { running, waiting, runs, failed, missed, skipped } = schedule
  return [
    running === null ? 'idle' : `running (pid ${running})`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    runs === 1 ? '1 run' : `${runs} runs`,
    ...(failed > 0 ? [error(`${failed} failed`)] : []),
    ...(missed > 0 ? [warn(`${missed} missed`)] : []),
    ...(skipped > 0 ? [warn(`${skipped} skipped`)] : []),
  ].join(', ')
}

function showRun({ started, seconds, ok, reason }: Schedule['history'][number], palette: Palette): string {
  const how = ok ? palette.ok('ok') : palette.error(`failed: ${reason ?? ''}`)
  return `${started}  ${duration(seconds)}  ${how}`
}
