// What is different in a container: process 1, the terminal, logs, the time for a stop. Pure.

import { ok, warning, wrong, type Finding } from '../findings/finding.ts'
import type { ContainerFacts } from '../facts/container-facts.ts'

export interface ContainerSettings {
  /** The settings of logs that are files. */
  readonly fileLogs: readonly string[]
  /** Seconds that a stop may take: graceful_timeout and drain_delay. */
  readonly stop: number
}

export function checkContainer(facts: ContainerFacts, { fileLogs, stop }: ContainerSettings): Finding[] {
  const { isContainer, dockerfile } = facts
  const inside = isContainer
    ? [...checkInit(facts), ...checkTerminal(facts), ...checkLogs(fileLogs), ...checkStop(facts, stop)]
    : []
  return [...inside, ...(dockerfile === undefined ? [] : checkDockerfile(dockerfile))]
}

function checkInit({ init }: ContainerFacts): Finding[] {
  const fact = `process 1 is ${init.slice(0, 60)}`
  if (/^(?:\S*\/)?(?:sh|bash|dash|ash) -c/.test(init) || /^(?:\S*\/)?(?:npm|yarn|pnpm)\b/.test(init))
    return [
      wrong(
        'process 1',
        `${fact}, which does not pass on SIGTERM: a stop kills the requests in flight`,
        execForm,
      ),
    ]
  return init === '' ? [] : [ok('process 1', fact)]
}

const execForm =
  'CMD ["node_modules/.bin/tsgun"] in the Dockerfile (a list, without npm), or docker run --init'

function checkTerminal({ hasTerminal, init }: ContainerFacts): Finding[] {
  if (!hasTerminal || !init.includes('tsgun')) return []
  return [
    warning(
      'terminal',
      'standard output is a terminal: logs have colours and are slower',
      'run without -t, tty: false',
    ),
  ]
}

function checkLogs(fileLogs: readonly string[]): Finding[] {
  return fileLogs.map((setting) =>
    warning(
      setting,
      'it is a file, which is lost with the container, and docker logs does not show it',
      `${setting}: '-'`,
    ),
  )
}

/** docker stop waits 10 s, Kubernetes 30 s, and then kills. */
function checkStop({ isKubernetes }: ContainerFacts, stop: number): Finding[] {
  const given = isKubernetes ? 30 : 10
  if (stop < given) return []
  const more = Math.ceil(stop) + 5
  const remedy = isKubernetes
    ? `terminationGracePeriodSeconds: ${more}, or a shorter graceful_timeout`
    : `docker stop -t ${more}, stop_grace_period: ${more}s, or graceful_timeout: ${given - 2}`
  const who = isKubernetes ? 'Kubernetes' : 'docker stop'
  return [
    warning(
      'graceful_timeout',
      `a stop may take ${stop} s (with drain_delay), but ${who} kills after ${given} s by default`,
      remedy,
    ),
  ]
}

function checkDockerfile(text: string): Finding[] {
  const lines = text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
  const last = (word: RegExp): string | undefined => lines.findLast((line) => word.test(line))
  const command = last(/^(?:CMD|ENTRYPOINT)\b/i)?.replace(/^\S+\s+/, '')
  const isShell = command !== undefined && !command.startsWith('[')
  const usesNpm = command !== undefined && /\b(?:npm|yarn|pnpm)\b/.test(command)
  const user = last(/^USER\b/i)
  return [
    ...(isShell || usesNpm
      ? [
          wrong(
            'Dockerfile',
            `${isShell ? 'a shell' : 'npm'} runs the command, and does not pass on SIGTERM: ${command}`,
            execForm,
          ),
        ]
      : []),
    ...(user === undefined || /^USER\s+(?:root|0)\b/i.test(user)
      ? [warning('Dockerfile', 'the server runs as root', 'USER node before CMD')]
      : []),
  ]
}
