// Times and durations as text in log lines. Runs in a worker for every request: a clock keeps the text of the
// last second, because under load the next line is usually written in the same second.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Returns a function that formats milliseconds since the epoch as `2026-11-23T08:15:02.123Z`. */
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

/** The same as `[23/Nov/2026:09:15:02 +0100]`, the local time of the common log format. */
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

/** Returns the offset of local time from UTC at `date`, `+0100`. */
export function utcOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${padTwo(Math.floor(size / 60))}${padTwo(size % 60)}`
}

/** Returns the local time as `09:15:02`. */
export function timeOfDay(date: Date): string {
  return `${padTwo(date.getHours())}:${padTwo(date.getMinutes())}:${padTwo(date.getSeconds())}`
}

/** Converts milliseconds to whole microseconds. Returns 0 for NaN, a negative or an infinite duration. */
export function toMicroseconds(milliseconds: number): number {
  return milliseconds > 0 && milliseconds < 1e12 ? Math.round(milliseconds * 1000) : 0
}

/** Formats milliseconds with three decimals, three times as fast as toFixed. */
export function millisText(milliseconds: number): string {
  const microseconds = toMicroseconds(milliseconds)
  const whole = Math.floor(microseconds / 1000)
  return `${whole}.${padMillis(microseconds - whole * 1000)}`
}

export function padTwo(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** Formats an integer from 0 to 999 with three digits. */
export function padMillis(value: number): string {
  if (value >= 100) return String(value)
  return value >= 10 ? `0${value}` : `00${value}`
}

function clfTime(date: Date): string {
  const day = `${padTwo(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`
  return `[${day}:${timeOfDay(date)} ${utcOffset(date)}]`
}
