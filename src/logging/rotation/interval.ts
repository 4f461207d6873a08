// The interval of a rotation: how it is written, when its periods begin, and how a period is dated in a
// file's name. Periods are those of the calendar and the clock, so that they are the same after a restart.
// Pure.

import { padTwo } from '../access/clock.ts'

const units = ['s', 'm', 'h', 'd', 'w', 'M'] as const

type Unit = (typeof units)[number]

export interface Interval {
  readonly count: number
  readonly unit: Unit
}

/**
 * Seconds and minutes have to divide the next larger unit, so that periods begin with it; of the longer ones
 * there is only one.
 */
const dividesOf: Readonly<Record<Unit, number>> = { s: 60, m: 60, h: 24, d: 1, w: 1, M: 1 }

/** Understands `30s`, `15m`, `6h`, `1d`, `1w` (from Monday) and `1M`; undefined for anything else. */
export function parseInterval(text: string): Interval | undefined {
  const [, digits = '', letter] = /^([1-9]\d?)([smhdwM])$/.exec(text) ?? []
  const unit = units.find((each) => each === letter)
  const count = Number(digits)
  return unit !== undefined && dividesOf[unit] % count === 0 ? { count, unit } : undefined
}

/** The fields of a moment that a period can begin with. */
type Fields = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
]

function fieldsOf(time: number, utc: boolean): Fields {
  const at = new Date(time)
  return utc
    ? [
        at.getUTCFullYear(),
        at.getUTCMonth(),
        at.getUTCDate(),
        at.getUTCHours(),
        at.getUTCMinutes(),
        at.getUTCSeconds(),
      ]
    : [at.getFullYear(), at.getMonth(), at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()]
}

function timeOf(fields: Fields, utc: boolean): number {
  return utc ? Date.UTC(...fields) : new Date(...fields).getTime()
}

const starts: Readonly<Record<Unit, (fields: Fields, count: number) => Fields>> = {
  s: ([year, month, day, hour, minute, second], count) => [
    year,
    month,
    day,
    hour,
    minute,
    floor(second, count),
  ],
  m: ([year, month, day, hour, minute], count) => [year, month, day, hour, floor(minute, count), 0],
  h: ([year, month, day, hour], count) => [year, month, day, floor(hour, count), 0, 0],
  d: ([year, month, day]) => [year, month, day, 0, 0, 0],
  w: ([year, month, day]) => [year, month, day - daysSinceMonday(year, month, day), 0, 0, 0],
  M: ([year, month]) => [year, month, 1, 0, 0, 0],
}

/** The beginning of the period that a moment is in. Both are milliseconds since the epoch. */
export function periodStart(time: number, { count, unit }: Interval, utc: boolean): number {
  return timeOf(starts[unit](fieldsOf(time, utc), count), utc)
}

/**
 * How a moment is written in a file's name: by the day, and as much finer as the unit asks for. Sorts as the
 * moments do.
 */
export function stampOf(time: number, unit: Unit | undefined, utc: boolean): string {
  const [year, month, day, hour, minute, second] = fieldsOf(time, utc)
  const date = `${year}-${padTwo(month + 1)}-${padTwo(day)}`
  if (unit === 'h') return `${date}T${padTwo(hour)}`
  if (unit === 'm') return `${date}T${padTwo(hour)}${padTwo(minute)}`
  return unit === 's' ? `${date}T${padTwo(hour)}${padTwo(minute)}${padTwo(second)}` : date
}

function floor(value: number, step: number): number {
  return value - (value % step)
}

function daysSinceMonday(year: number, month: number, day: number): number {
  return (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7
}
