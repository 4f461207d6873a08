// Topics of the bus, in the terms of NATS: segments with "." between them. In a subscription "*" stands for
// one segment, and ">" at the end for one or more. Any process. Pure.

import { limits } from './limits.ts'

const [one, rest] = ['*', '>']

/** Throws a TypeError for what is no topic. */
export function checkTopic(topic: string): void {
  const problem = problemOf(topic) ?? wildcardIn(topic)
  if (problem !== undefined) throw new TypeError(`${describe(topic)} is no topic: ${problem}`)
}

/** The same for the topic of a subscription, which may have wildcards. */
export function checkPattern(pattern: string): void {
  const problem = problemOf(pattern) ?? misplacedIn(pattern)
  if (problem !== undefined)
    throw new TypeError(`${describe(pattern)} is no topic to subscribe to: ${problem}`)
}

function describe(topic: unknown): string {
  return typeof topic === 'string' ? JSON.stringify(topic.slice(0, 100)) : `a ${typeof topic}`
}

/** The parameter may be anything: the caller may be JavaScript. */
function problemOf(topic: unknown): string | undefined {
  if (typeof topic !== 'string') return 'expected a string'
  if (Buffer.byteLength(topic) > limits.topic) return `it is longer than ${limits.topic} bytes`
  if (/[\s\p{Cc}]/u.test(topic)) return 'it has white space or a control character'
  if (topic.split('.').includes('')) return 'it has an empty segment; expected segments such as "orders.paid"'
  return undefined
}

function wildcardIn(topic: string): string | undefined {
  return /[*>]/.test(topic) ? 'only a subscription may have the wildcards * and >' : undefined
}

function misplacedIn(pattern: string): string | undefined {
  const segments = pattern.split('.')
  const isPart = segments.some((segment) => segment.length > 1 && /[*>]/.test(segment))
  if (isPart) return 'a wildcard is a whole segment, as in "orders.*"'
  return segments.slice(0, -1).includes(rest) ? 'the wildcard > is only possible at the end' : undefined
}

export function hasWildcard(pattern: string): boolean {
  return /[*>]/.test(pattern)
}

/** Returns a function that says whether a topic matches. */
export function matcherOf(pattern: string): (topic: string) => boolean {
  if (!hasWildcard(pattern)) return (topic) => topic === pattern
  const segments = pattern.split('.')
  return (topic) => matches(segments, topic.split('.'))
}

function matches(pattern: readonly string[], topic: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === rest
  if (isOpen ? topic.length < pattern.length : topic.length !== pattern.length) return false
  return pattern.every((segment, index) => segment === one || segment === rest || segment === topic[index])
}
