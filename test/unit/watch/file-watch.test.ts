// What the watch does when no inotify watches are left.

import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { watch, type FSWatcher } from 'chokidar'
import { FileWatch } from '../../../src/watch/file-watch.ts'

const exhausted = Object.assign(new Error('no space left on device, watch'), { code: 'ENOSPC' })

test('without inotify watches it polls, warns once, and watches the same files', async (t) => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-watch-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const opened: { readonly watcher: FSWatcher; readonly polls: boolean }[] = []
  const warnings: string[] = []
  const errors: unknown[] = []
  const files = new FileWatch({
    poll: false,
    isWanted: () => true,
    onEvent: () => undefined,
    onFallback: (reason) => void warnings.push(reason),
    onError: (error) => void errors.push(error),
    watch(paths, options = {}) {
      const watcher = watch(paths, options)
      opened.push({ watcher, polls: options.usePolling === true })
      return watcher
    },
  })
  t.after(() => files.close())
  files.add([directory, join(directory, 'missing')])
  opened[0]?.watcher.emit('error', exhausted)
  opened[0]?.watcher.emit('error', exhausted)
  assert.deepEqual(
    opened.map(({ polls }) => polls),
    [false, true],
  )
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /inotify.*ENOSPC/)
  assert.deepEqual(errors, [])
  const second = opened[1]?.watcher
  if (second && Object.keys(second.getWatched()).length === 0)
    await new Promise<void>((resolve) => second.once('ready', () => resolve()))
  assert.ok(Object.keys(second?.getWatched() ?? {}).includes(directory))
  second?.emit('error', exhausted)
  assert.equal(errors.length, 1, 'an error while polling is reported')
})
