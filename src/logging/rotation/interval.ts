// The interval of a rotation: its syntax, the start of its periods, and the date in the name of a rotated
// file. Periods follow the calendar and the clock, so that they are the same after a restart. Pure.

import { padTwo } from '../access/clock.ts'

const units = ['s', 'm', 'h', 'd', 'w', 'M'] as const

type Unit = (typeof units)[number]

export interface Interval {
  readonly count: number
  readonly unit: Unit
}

/** The count must divide this number, so that a period starts with each larger unit; 1: only 1 is allowed. */
const dividesOf: Readonly<Record<Unit, number>> = { s: 60, m: 60, h: 24, d: 1, w: 1, M: 1 }

/** Reads `30s`, `15m`, `6h`, `1d`, `1w` (from Monday) or `1M`. Returns undefined for anything else. */
export function parseInterval(text: string): Interval | undefined {
  const [, digits = '', letter] = /^([1-9]\d?)([smhdwM])$/.exec(text) ?? []
  const unit = units.find((each) => each === letter)
  const count = Number(digits)
  return unit !== undefined && dividesOf[unit] % count === 0 ? { count, unit } : undefined
}

/** A time as the fields at which a period can start. */
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

/** Returns the start of the period that contains `time`. Both are milliseconds since the epoch. */
export function periodStart(time: number, { count, unit }: Interval, utc: boolean): number {
  return timeOf(starts[unit](fieldsOf(time, utc), count), utc)
}

/**
 * Returns the date for the name of a rotated file: the day, and hours, minutes and seconds when the unit
 * needs them. Sorts in the order of time.
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
