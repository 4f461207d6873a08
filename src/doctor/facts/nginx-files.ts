// The files of nginx on this machine, and one of the project. Those that this user cannot read are left out.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseNginx, type Directive } from './nginx-config.ts'

export interface NginxFile {
  readonly path: string
  readonly directives: readonly Directive[]
}

const system = [
  '/etc/nginx/nginx.conf',
  '/etc/nginx/conf.d',
  '/etc/nginx/sites-enabled',
  '/usr/local/etc/nginx/nginx.conf',
]

/** `directory`: the project's. */
export function nginxFiles(directory: string, places: readonly string[] = system): readonly NginxFile[] {
  const project = ['nginx.conf', 'nginx', 'deploy/nginx.conf'].map((name) => join(directory, name))
  return [...places, ...project]
    .flatMap((place) => [place, ...namesIn(place).map((name) => join(place, name))])
    .flatMap((path) => {
      const text = readIfFile(path)
      return text === undefined ? [] : [{ path, directives: parseNginx(text) }]
    })
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // not there, or a file
  }
}

function readIfFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not there, a directory, or not readable
  }
}
