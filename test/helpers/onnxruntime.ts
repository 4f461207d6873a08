// onnxruntime, which the example preload-model and a benchmark need. It takes 300 MB, so it is not installed
// with the others.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './tsgun.ts'

export const preloadModel = join(repository, 'config-examples/preload-model')

/** Without its script, which downloads libraries for graphics cards. */
const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']

const isInstalled = (): boolean => existsSync(join(preloadModel, 'node_modules/onnxruntime-node'))

/** Why a test has to be skipped; false when it is there. */
export const noOnnxruntime = isInstalled()
  ? false
  : 'onnxruntime-node is not installed: npm ci --ignore-scripts --prefix config-examples/preload-model'

export function installOnnxruntime(): void {
  if (!isInstalled()) execFileSync('npm', install, { cwd: preloadModel, stdio: 'inherit' })
}
