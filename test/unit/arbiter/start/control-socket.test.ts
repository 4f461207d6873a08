// The control socket through the life of a master.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { ControlSocket, type OpenControl } from '../../../../src/arbiter/start/control-socket.ts'
import { settingsWith } from '../world/generations.ts'

const settings = settingsWith({})

function controlOf(open: OpenControl | undefined): {
  control: ControlSocket
  events: ArbiterEvent[]
  suffixes: string[]
} {
  const events: ArbiterEvent[] = []
  const suffixes: string[] = []
  const opener = (_: unknown, suffix: string): Promise<OpenControl | undefined> => {
    suffixes.push(suffix)
    return Promise.resolve(open)
  }
  return { control: new ControlSocket(opener, (event) => void events.push(event)), events, suffixes }
}

test('it is opened with the suffix, promoted, and closed once', async () => {
  const done: string[] = []
  const { control, events, suffixes } = controlOf({
    promote: () => void done.push('promote'),
    close: () => void done.push('close'),
  })
  await control.open(settings, '.2')
  control.promote()
  control.close()
  control.close()
  assert.deepEqual([done, suffixes, events], [['promote', 'close'], ['.2'], []])
})

test('what cannot be renamed or removed is a warning', async () => {
  const { control, events } = controlOf({
    promote: () => {
      throw new Error('EACCES')
    },
    close: () => 'EPERM',
  })
  await control.open(settings, '')
  control.promote()
  control.close()
  assert.deepEqual(
    events.map((event) => event.type === 'warning' && event.message),
    [
      'the control socket keeps its name that ends with .2: EACCES',
      'the control socket is not removed: EPERM',
    ],
  )
})

test('without one there is nothing to do', async () => {
  const { control, events } = controlOf(undefined)
  await control.open(settings, '')
  control.promote()
  control.close()
  assert.deepEqual(events, [])
})
