// Runs in a worker, when its app is loaded: a preload() that the arbiter has not found must not be missed.

import { AppBootError } from '../../config/app/errors.ts'
import type { SharedManifest } from '../../sharing/manifest.ts'
import type { Namespace } from '../../app/model/app-module.ts'

/** Throws an AppBootError when the module exports a preload() that did not run. */
export function checkPreload(
  { preload }: Namespace,
  file: string,
  shared: Pick<SharedManifest, 'module'> | undefined,
): void {
  if (typeof preload !== 'function' || shared?.module === file) return
  const reason =
    shared === undefined
      ? 'which the server has not found in its source: name the module that has it by the setting `preload`'
      : `and the setting \`preload\` names ${shared.module}: only one of them can run; remove the other`
  throw new AppBootError(`${file} exports preload(), ${reason}`)
}
