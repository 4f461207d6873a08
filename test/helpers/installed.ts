// Installs tsgun with what it depends on into a directory of a project, as `npm ci --omit=dev` does, without
// a registry: files of packages are hard links.

import { spawnSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repository, type Project } from './tsgun.ts'

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>
}

/** `version`: another one than the real. */
export function installTsgun(project: Project, directory: string, version?: string): void {
  const modules = project.path(join(directory, 'node_modules'))
  const home = join(modules, 'tsgun')
  mkdirSync(home, { recursive: true })
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(repository, name), join(home, name), { recursive: true })
  if (version !== undefined) setVersion(home, version)
  for (const name of dependencies()) link(join(repository, name), join(dirname(modules), name))
}

export function setVersion(home: string, version: string): void {
  const file = join(home, 'package.json')
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
  writeFileSync(file, JSON.stringify({ ...Object(manifest), version }))
}

/** Packages outside of others, as paths such as node_modules/pino; those inside are copied with them. */
function dependencies(): string[] {
  const lockfile = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as Lockfile
  return Object.entries(lockfile.packages)
    .filter(([path, { dev }]) => dev !== true && /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path))
    .map(([path]) => path)
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  const { stderr } = spawnSync('cp', ['-al', from, to], { encoding: 'utf8' })
  // an optional package of another platform is not installed
  assert.match(stderr, /^$|No such file or directory|cannot stat/)
}
