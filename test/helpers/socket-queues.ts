// How many connections may wait at a listening socket, as the kernel reports it to ss (iproute2).

import { execFileSync, spawnSync } from 'node:child_process'

/** For tests that need ss: the reason to skip them, or false. */
export const lacksSs = spawnSync('ss', ['-V']).error === undefined ? false : 'needs ss (iproute2)'

/** `url` as the server announces it. Returns NaN when there is no such socket. */
export function backlogOf(url: string): number {
  const place = url.startsWith('unix:')
    ? ['--unix', 'src', url.slice('unix:'.length)]
    : ['--tcp', 'sport', '=', `:${new URL(url).port}`]
  const text = execFileSync('ss', ['--listening', '--numeric', '--no-header', ...place], { encoding: 'utf8' })
  // For a socket that listens, Send-Q is the length of its queue; a row begins with type or state.
  return Number(/LISTEN\s+\d+\s+(\d+)/.exec(text)?.[1])
}
