// Takes the frames of tsgun and of Node's event loop out of a stack that users read. Any process. Pure.

import { pathToFileURL } from 'node:url'
import { ownCode } from './own-code.ts'

const isFrame = (line: string): boolean => /^\s+at /.test(line)
const ownPlaces = [ownCode, pathToFileURL(ownCode).href]

function isOwn(line: string): boolean {
  return isFrame(line) && ownPlaces.some((place) => line.includes(place))
}

/** What has called the user's code is of no use below it; what the user's code has called is. */
export function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n').filter((line) => !isOwn(line))
  const last = lines.findLastIndex((line) => !isFrame(line) || !/\(node:|at node:/.test(line))
  return lines.slice(0, last + 1).join('\n')
}

/** Returns the frames alone, each in a line of its own; '' when there are none. */
export function userFrames(stack: string): string {
  const frames = withoutOwnFrames(stack).split('\n').filter(isFrame)
  return frames.map((frame) => `\n${frame}`).join('')
}
