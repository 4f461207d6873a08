// Runs in the arbiter, when a generation is loaded: what tells whether a reload changes anything for a
// service with `reload: "changed"`. Equal fingerprints: its processes would run the same code with the same
// settings.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LoadedConfig } from '../../config/load.ts'
import { settingsOfService, type ServicePlan } from '../../config/sources/service-plans.ts'
import type { SettingName } from '../../config/settings/table.ts'
import type { ArbiterLoader } from '../../modules/loader.ts'
import type { Generation } from '../model/generation.ts'

export type CodeFiles = Pick<ArbiterLoader, 'files' | 'reach'>

export type FingerprintSource = Pick<Generation, 'config' | 'environmentChanges' | 'home'>

/** Settings that are about other processes: the master writes the logs. */
const ofOthers: ReadonlySet<string> = new Set<SettingName>([
  'services',
  'schedules',
  'schedules_file',
  'workers',
  'errorlog',
  'applog',
  'log_rotation',
  'log_buffer',
  'log_file_mode',
  'pidfile',
  'control_socket',
])

/** Which versions of packages are installed. */
const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

/** By the names of services; those that every reload replaces are left out. */
export async function fingerprintsOf(
  source: FingerprintSource,
  code: CodeFiles,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const plan of source.config.services.filter(({ reload }) => reload === 'changed')) {
    const files = isForeign(plan) ? [] : await codeOf(plan, source.config, code)
    if (files !== undefined) found.set(plan.name, fingerprintOf(plan, source, files))
  }
  return found
}

const isForeign = ({ kind }: Pick<ServicePlan, 'kind'>): boolean => kind === 'command'

/**
 * The files of its code. Undefined when it uses something of its generation that a reload replaces: the task
 * processes, what preload() has shared, certificates.
 */
async function codeOf(
  { kind, appFile }: ServicePlan,
  { tasks, preloads, settings, hooks, file, hookFiles }: LoadedConfig,
  code: CodeFiles,
): Promise<readonly string[] | undefined> {
  const hasCertificate = kind === 'app' && (settings.certfile !== null || settings.acme !== null)
  if (appFile === null || tasks.length > 0 || preloads.length > 0 || hasCertificate) return undefined
  const reached = await code.reach(appFile)
  if (reached.length === 0) return undefined // it does not compile
  const ofHooks = Object.keys(hooks).length > 0 ? [file, ...hookFiles, ...code.files()] : []
  return [...new Set([...reached, ...lockFilesAbove(appFile), ...ofHooks])].filter((path) => path !== null)
}

function lockFilesAbove(file: string): readonly string[] {
  const directory = dirname(file)
  const here = lockFiles.map((name) => join(directory, name)).filter((path) => existsSync(path))
  return directory === dirname(directory) ? here : [...here, ...lockFilesAbove(directory)]
}

function fingerprintOf(plan: ServicePlan, source: FingerprintSource, files: readonly string[]): string {
  const { config, environmentChanges, home } = source
  const settings = Object.entries(settingsOfService(config.settings, plan)).filter(
    ([name]) => !ofOthers.has(name),
  )
  const hash = createHash('sha256')
  const about = [{ ...plan, own: null, processes: 0 }, config.fileVariables, config.directory, home]
  hash.update(JSON.stringify([settings, about, [...environmentChanges], config.settings.accesslog === null]))
  for (const path of files) hash.update(`\0${path}\0`).update(textOf(path))
  return hash.digest('hex')
}

/** A file that the survey names may be missing by now: its process reports that. */
function textOf(path: string): Buffer | string {
  return existsSync(path) ? readFileSync(path) : ''
}
