// Runs in every process of a generation with preload(), before the code of the user: from here on shared()
// works, also in the threads that the app starts.

import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import { loadSharedMemory } from '../os/system/shared-memory.ts'
import { isObject } from '../os/type-checks.ts'
import type { SharedManifest } from './manifest.ts'
import { installSharedLink, sharedLink, type SharedLink } from './shared-link.ts'
import { copiedSource, mappedSource } from './sources.ts'
import { unpack } from './unpack.ts'

/** Threads get the manifest by this name; the version is that of its form. */
const [threadKey, formVersion] = ['tsgun.shared', 1]

/** Programs that the app starts do not get the descriptors: they would keep the memory. */
export function installShared(manifest: SharedManifest): void {
  const calls = loadSharedMemory()
  if (!(calls instanceof Error)) for (const fd of manifest.inherited) calls.closeOnExec(fd)
  setEnvironmentData(threadKey, { version: formVersion, manifest })
  link(manifest, calls)
}

/** Returns undefined outside of a server, and without preload(). */
export function findShared(): SharedLink | undefined {
  const found = sharedLink.find()
  if (found !== undefined || isMainThread) return found
  const data: unknown = getEnvironmentData(threadKey)
  if (!isObject(data) || data['version'] !== formVersion) return undefined
  link(data['manifest'] as SharedManifest, loadSharedMemory()) // installShared() of this version has set it
  return sharedLink.find()
}

function link(manifest: SharedManifest, calls: ReturnType<typeof loadSharedMemory>): void {
  installSharedLink(() => {
    if (manifest.by === 'copied') return unpack(manifest, copiedSource(manifest))
    if (calls instanceof Error) throw new Error(`shared(): ${calls.message}`, { cause: calls })
    return unpack(manifest, mappedSource(manifest, calls))
  })
}
