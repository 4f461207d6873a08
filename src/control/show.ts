// Runs in `tsgunctl`: formats responses for a terminal. Pure.

import { mainService } from '../logging/records/record.ts'
import type { Status, WorkerView } from './protocol.ts'

/** Colours text for a terminal; elsewhere the functions return it unchanged. */
export interface Palette {
  readonly ok: (text: string) => string
  readonly warn: (text: string) => string
  readonly error: (text: string) => string
}

const same = (text: string): string => text
const color =
  (code: number) =>
  (text: string): string =>
    `\u001B[${code}m${text}\u001B[0m`

export const plain: Palette = { ok: same, warn: same, error: same }
export const colored: Palette = { ok: color(32), warn: color(33), error: color(31) }

/** A standard stream. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export function paletteFor({ isTTY = false }: Output, environment: NodeJS.ProcessEnv): Palette {
  return isTTY && !environment['NO_COLOR'] ? colored : plain
}

export function showStatus(status: Status, palette: Palette): string {
  const { version, pid, state, uptime_seconds: uptime, workers, requests, last_reload: reload } = status
  const serving = state === 'serving' ? palette.ok(state) : palette.warn(state)
  const count = `${workers.ready} of ${workers.wanted} ready`
  const rows: readonly (readonly [string, string])[] = [
    ['state', `${serving}, up ${duration(uptime)}, pid ${pid}, tsgun ${version}`],
    ['config', status.config ?? 'none'],
    ['listening', status.listeners.join(', ')],
    ['generation', String(status.generation)],
    ['workers', workers.ready < workers.wanted ? palette.warn(count) : count],
    [
      'requests',
      `${requests.answered} answered, ${requests.busy} in progress${overdue(requests.overdue, palette)}`,
    ],
    ['connections', String(status.connections)],
    ['reload', reload === null ? 'none yet' : showReload(reload, palette)],
    ...status.slots
      .filter((slot) => slot.failures > 0)
      .map((slot) => [`slot ${slot.nr}`, showSlot(slot, palette)] as const),
    ...status.services.map((service) => [`service ${service.name}`, showService(service, palette)] as const),
    ...status.tasks.map((task) => [`task ${task.name}`, showTask(task, palette)] as const),
    ...(status.bus === null ? [] : [['bus', showBus(status.bus, palette)] as const]),
    ...Object.entries(status.logs).map(([log, view]) => [`${log} log`, showLog(view, palette)] as const),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

function overdue(count: number, { error }: Palette): string {
  return count === 0 ? '' : `, ${error(`${count} overdue`)}`
}

function showReload(
  { attempt, ok, reason, at }: NonNullable<Status['last_reload']>,
  palette: Palette,
): string {
  return ok
    ? `number ${attempt} done at ${at}`
    : palette.error(`number ${attempt} failed at ${at}: ${reason ?? ''}`)
}

function showSlot(
  { state, failures, last_error }: Status['slots'][number],
  { error, warn }: Palette,
): string {
  const text = `${state}, ${failures} failures in a row: ${last_error ?? 'unknown reason'}`
  return state === 'crash-loop' ? error(text) : warn(text)
}

function showService({ generation, processes, slots }: Status['services'][number], palette: Palette): string {
  const ready = `${processes.ready} of ${processes.wanted} ready`
  return [
    `generation ${generation}`,
    processes.ready < processes.wanted ? palette.warn(ready) : ready,
    ...slots.filter(({ failures }) => failures > 0).map((slot) => showSlot(slot, palette)),
  ].join(', ')
}

function showTask(task: Status['tasks'][number], { warn, error }: Palette): string {
  const { processes, running, waiting, done, wait_p99_ms: wait } = task
  const ready = `${processes.ready} of ${processes.wanted} ready`
  const bad = (['failed', 'refused', 'lost', 'timed_out'] as const).filter((name) => task[name] > 0)
  return [
    `generation ${task.generation}`,
    processes.ready < processes.wanted ? warn(ready) : ready,
    `${running} running`,
    `${waiting} waiting${wait === null ? '' : ` (p99 ${wait} ms)`}`,
    `${done} done`,
    ...bad.map((name) => error(`${task[name]} ${name.replace('_', ' ')}`)),
  ].join(', ')
}

function showBus(bus: NonNullable<Status['bus']>, { warn, error }: Palette): string {
  const { published, delivered, dropped, clients, subscriptions, restarts } = bus
  return [
    `${clients} clients with ${subscriptions} subscriptions`,
    `${published} messages published, ${delivered} delivered`,
    ...(dropped === 0 ? [] : [error(`${dropped} dropped`)]),
    ...(restarts === 0 ? [] : [warn(`${restarts} brokers replaced`)]),
  ].join(', ')
}

function showLog(
  { name, written, waiting, dropped }: Status['logs'][string],
  { error, warn }: Palette,
): string {
  const late = waiting === 0 ? '' : `, ${warn(`${size(waiting)} waiting`)}`
  const lost = dropped === 0 ? '' : `, ${error(`${dropped} lines lost`)}`
  return name === 'none' ? name : `${name}, ${size(written)} written${late}${lost}`
}

const columns: Readonly<Record<string, (worker: WorkerView) => string>> = {
  nr: ({ nr, task, service }) => nameOf(task ?? service, nr),
  pid: ({ pid }) => String(pid ?? '-'),
  generation: ({ generation }) => String(generation),
  state: ({ state, reason }) => (reason === null ? state : `${state} (${reason})`),
  uptime: ({ uptime_seconds }) => (uptime_seconds === null ? '-' : duration(uptime_seconds)),
  beat: ({ beat_seconds }) => duration(beat_seconds),
  requests: ({ requests }) => String(requests),
  busy: ({ busy }) => String(busy),
  connections: ({ connections }) => String(connections),
  memory: ({ rss }) => (rss === 0 ? '-' : size(rss)),
}

/** The app is the service "web". */
function nameOf(pool: string | null, nr: number): string {
  return pool === null || pool === mainService ? String(nr) : `${pool} ${nr}`
}

/** Returns a table: numbers aligned to the right, `state` to the left. */
export function showWorkers(workers: readonly WorkerView[], palette: Palette): string {
  const names = Object.keys(columns)
  const rows = [names, ...workers.map((worker) => names.map((name) => columns[name]?.(worker) ?? ''))]
  const widths = names.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  const lines = rows.map((row) =>
    row.map((cell, index) => align(names[index] ?? '', cell, widths[index] ?? 0)).join('  '),
  )
  const paint = (line: string, index: number): string => {
    const worker = workers[index - 1]
    return worker === undefined || worker.state === 'ready' ? line : palette.warn(line)
  }
  return lines.map((line, index) => paint(line.trimEnd(), index)).join('\n')
}

function align(name: string, cell: string, width: number): string {
  return name === 'state' ? cell.padEnd(width) : cell.padStart(width)
}

/** Formats seconds: `4.2 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Formats bytes: `512 B`, `4.2 K`, `70 M`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const [large, unit] =
    bytes < 2 ** 20 ? [bytes / 1024, 'K'] : bytes < 2 ** 30 ? [bytes / 2 ** 20, 'M'] : [bytes / 2 ** 30, 'G']
  return `${large.toFixed(large < 10 ? 1 : 0)} ${unit}`
}
