// The package manager of a project, by its lock file: the commands that a user of it types. Pure.

import type { Project } from './project.ts'

export interface PackageManager {
  readonly add: string
  readonly run: string
  /** Runs a program of node_modules/.bin. */
  readonly exec: string
}

const npm: PackageManager = { add: 'npm install', run: 'npm run', exec: 'npx' }

const managers: readonly (PackageManager & { readonly lockFiles: readonly string[] })[] = [
  { lockFiles: ['pnpm-lock.yaml'], add: 'pnpm add', run: 'pnpm run', exec: 'pnpm exec' },
  { lockFiles: ['yarn.lock'], add: 'yarn add', run: 'yarn run', exec: 'yarn' },
  { lockFiles: ['bun.lock', 'bun.lockb'], add: 'bun add', run: 'bun run', exec: 'npx' },
]

export function packageManagerOf(project: Pick<Project, 'isFile'>): PackageManager {
  return managers.find(({ lockFiles }) => lockFiles.some((file) => project.isFile(file))) ?? npm
}
