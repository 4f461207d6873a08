// A project of the user in memory.

import { posix } from 'node:path'
import { parsePackage } from '../../../src/setup/project/package-facts.ts'
import type { Project } from '../../../src/setup/project/project.ts'

type Files = Readonly<Record<string, string | object>>

/** Files by their path; an object is written as JSON. `installed`: the packages that are found. */
export function fakeProject(files: Files, installed: readonly string[] = ['tsgun']): Project {
  const text = (path: string): string | undefined => {
    const value = files[posix.normalize(path)]
    return typeof value === 'object' ? JSON.stringify(value) : value
  }
  const packageText = text('package.json')
  return {
    directory: '/srv/shop',
    package: packageText === undefined ? undefined : parsePackage(packageText, '/srv/shop/package.json'),
    isFile: (path) => text(path) !== undefined,
    isDirectory: (path) =>
      path === '.' || Object.keys(files).some((file) => file.startsWith(`${posix.normalize(path)}/`)),
    read: text,
    hasInstalled: (name) => installed.includes(name),
  }
}
