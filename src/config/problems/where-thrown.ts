// Finds where an error was thrown in the user's code, for a message of one line. Arbiter and workers.

import { fileURLToPath } from 'node:url'
import { withoutOwnFrames } from '../../os/own-frames.ts'

/** Returns `file:line:column` of the first frame outside Node, tsgun and node_modules, or undefined. */
export function whereThrown(error: Pick<Error, 'stack'>): string | undefined {
  const frames = withoutOwnFrames(error.stack ?? '')
    .split('\n')
    .flatMap((line) => {
      const place = /^\s+at (?:.*\()?((?:file:\/\/)?\/[^()]*:\d+:\d+)\)?$/.exec(line)?.[1]
      return place ? [place] : []
    })
  return frames.map(asPath).find((place) => !place.includes('/node_modules/'))
}

function asPath(place: string): string {
  const [, path = '', position = ''] = /^(.*?)((?::\d+){2})$/.exec(place) ?? []
  return `${path.startsWith('file:') ? fileURLToPath(path) : path}${position}`
}
