// Where in the user's own code an error was thrown, for a message of one line.

import { fileURLToPath } from 'node:url'

/** `file:line:column` of the first frame outside Node and node_modules, or undefined. */
export function whereThrown(error: Error): string | undefined {
  const frames = (error.stack ?? '').split('\n').flatMap((line) => {
    const place = /^\s+at (?:.*\()?((?:file:\/\/)?\/[^()]*:\d+:\d+)\)?$/.exec(line)?.[1]
    return place ? [place] : []
  })
  const own = frames.find((place) => !place.includes('/node_modules/') && !place.includes('/dist/config/'))
  if (own === undefined) return undefined
  const [, path = '', position = ''] = /^(.*?)((?::\d+){2})$/.exec(own) ?? []
  return `${path.startsWith('file:') ? fileURLToPath(path) : path}${position}`
}
