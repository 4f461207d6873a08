// The times and durations of log lines. Runs in a worker, on the hot path: a clock remembers the last second
// it wrote, in its closure, because at any load worth measuring the next line falls into the same one.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Writes `2026-11-23T08:15:02.123Z`. */
export function isoClock(): (time: number) => string {
  let last = Number.NaN
  let second = Number.NaN
  let prefix = ''
  let text = ''
  return (time) => {
    if (time === last) return text
    const current = Math.floor(time / 1000)
    if (current !== second) {
      second = current
      prefix = new Date(current * 1000).toISOString().slice(0, -4)
    }
    last = time
    text = `${prefix}${padMillis(Math.floor(time) - current * 1000)}Z`
    return text
  }
}

/** Writes `[23/Nov/2026:09:15:02 +0100]`, the local time of the common log format. */
export function clfClock(): (time: number) => string {
  let second = Number.NaN
  let text = ''
  return (time) => {
    const current = Math.floor(time / 1000)
    if (current !== second) {
      second = current
      text = clfTime(new Date(current * 1000))
    }
    return text
  }
}

/** The offset of the local time from UTC at that moment, `+0100`. */
export function utcOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${padTwo(Math.floor(size / 60))}${padTwo(size % 60)}`
}

/** `09:15:02` of the local time. */
export function timeOfDay(date: Date): string {
  return `${padTwo(date.getHours())}:${padTwo(date.getMinutes())}:${padTwo(date.getSeconds())}`
}

/**
 * Whole microseconds of a duration in milliseconds; 0 for one that is no time at all (NaN, negative,
 * endless).
 */
export function toMicroseconds(milliseconds: number): number {
  return milliseconds > 0 && milliseconds < 1e12 ? Math.round(milliseconds * 1000) : 0
}

/** Milliseconds with three decimals. By hand, from integers: three times as fast as toFixed. */
export function millisText(milliseconds: number): string {
  const microseconds = toMicroseconds(milliseconds)
  const whole = Math.floor(microseconds / 1000)
  return `${whole}.${padMillis(microseconds - whole * 1000)}`
}

export function padTwo(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** A number below 1000 in three digits. */
export function padMillis(value: number): string {
  if (value >= 100) return String(value)
  return value >= 10 ? `0${value}` : `00${value}`
}

function clfTime(date: Date): string {
  const day = `${padTwo(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`
  return `[${day}:${timeOfDay(date)} ${utcOffset(date)}]`
}
