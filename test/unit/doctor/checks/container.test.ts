import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkContainer, type ContainerSettings } from '../../../../src/doctor/checks/container.ts'
import type { ContainerFacts } from '../../../../src/doctor/facts/container-facts.ts'

const inside: ContainerFacts = {
  isContainer: true,
  isKubernetes: false,
  init: 'node node_modules/.bin/tsgun',
  hasTerminal: false,
  dockerfile: undefined,
}

const settings: ContainerSettings = { fileLogs: [], stop: 5 }

function found(facts: Partial<ContainerFacts>, more: Partial<ContainerSettings> = {}): readonly string[] {
  const findings = checkContainer({ ...inside, ...facts }, { ...settings, ...more })
  return findings.filter(({ level }) => level !== 'ok').map(({ level, subject }) => `${level} ${subject}`)
}

test('a container that is well', () => assert.deepEqual(found({}), []))

test('a process 1 that does not pass on signals is wrong', () => {
  for (const init of ['/bin/sh -c npx tsgun', 'sh -c node app', 'npm start', '/usr/local/bin/yarn start'])
    assert.deepEqual(found({ init }), ['wrong process 1'], init)
  for (const init of ['/sbin/docker-init -- tsgun', 'tini -- tsgun', 'tsgun: master [x]', 'node app.js'])
    assert.deepEqual(found({ init }), [], init)
})

test('a terminal, logs in files and a long stop are told', () => {
  assert.deepEqual(found({ hasTerminal: true }), ['warning terminal'])
  assert.deepEqual(found({}, { fileLogs: ['accesslog'] }), ['warning accesslog'])
  assert.deepEqual(found({}, { stop: 30 }), ['warning graceful_timeout'])
  assert.deepEqual(found({ isKubernetes: true }, { stop: 29 }), [])
  assert.deepEqual(found({ isKubernetes: true }, { stop: 30 }), ['warning graceful_timeout'])
})

test('outside of a container only the Dockerfile of the project counts', () => {
  const outside = { isContainer: false, init: 'sh -c x', hasTerminal: true }
  assert.deepEqual(found(outside, { stop: 99, fileLogs: ['accesslog'] }), [])
  const lines = (...text: readonly string[]): readonly string[] =>
    found({ ...outside, dockerfile: text.join('\n') })
  assert.deepEqual(lines('FROM node', 'USER node', 'CMD ["node_modules/.bin/tsgun"]'), [])
  assert.deepEqual(lines('FROM node', 'USER node', 'CMD npx tsgun'), ['wrong Dockerfile'])
  assert.deepEqual(lines('FROM node', 'USER node', 'CMD ["npm", \\', '"start"]'), ['wrong Dockerfile'])
  assert.deepEqual(lines('FROM node', 'CMD ["tsgun"]'), ['warning Dockerfile'])
})
