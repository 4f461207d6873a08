// Runs in `tsgun doctor`: all checks, in the order in which they are printed.

import { totalmem, tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { listOf } from '../config/settings/list-of.ts'
import type { Settings } from '../config/settings/table.ts'
import { bindPlaces } from '../listen/slots.ts'
import { cpuCount } from '../os/limits/cpu-count.ts'
import { memoryLimit } from '../os/limits/memory-limit.ts'
import { checkReach } from './checks/addresses.ts'
import type { ForwardedNames } from './checks/forwarded.ts'
import { checkMemory, checkProcessors } from './checks/capacity.ts'
import { checkCertificates } from './checks/certificates.ts'
import { checkContainer } from './checks/container.ts'
import { checkBacklog, checkOpenFiles, checkPortRange } from './checks/limits.ts'
import { checkNode } from './checks/node.ts'
import { checkLoadBalancer, checkProxy, parseAddresses } from './checks/proxy.ts'
import { checkLogSpace, checkTemporary } from './checks/temporary.ts'
import { checkTrust } from './checks/trust.ts'
import { checkCode, checkRoot, checkSecrets } from './checks/users.ts'
import { containerFacts } from './facts/container-facts.ts'
import { nginxFiles } from './facts/nginx-files.ts'
import { checkPackages } from './packages.ts'
import { pathFacts } from './facts/path-facts.ts'
import { placesOf } from './facts/places.ts'
import { runningMaster } from './facts/running.ts'
import { secretFiles } from './facts/secrets.ts'
import { openFilesLimit, portRanges, somaxconn } from './facts/system-limits.ts'
import { freeSpace, temporarySpace } from './facts/temporary.ts'
import type { Finding } from './findings/finding.ts'
import { preflight } from './preflight.ts'
import type { Subject } from './subject.ts'

/** The current directory is that of the config (`chdir`), as in a server. */
export async function examine(subject: Subject): Promise<readonly Finding[]> {
  return [
    checkNode(process.version),
    ...checkPackages(),
    ...checkLimits(subject),
    ...checkCapacity(subject),
    ...(await preflight(subject)),
    ...(await checkCertificates(subject.config.settings, subject.config.directory, Date.now())),
    ...checkSpace(subject),
    ...checkRights(subject),
    ...checkSurroundings(subject),
  ]
}

function checkLimits({ config: { settings, origins, directory } }: Subject): Finding[] {
  const running = runningMaster(settings, directory)
  const { outgoing, reserved } = portRanges()
  const ports = parseAddresses(listOf(settings.bind), resolve).flatMap((address) =>
    address.kind === 'tcp' ? [address.port] : [],
  )
  return [
    ...checkOpenFiles({
      limit: openFilesLimit(running?.pid ?? 'self'),
      owner: running === undefined ? 'started from here' : `the running master, pid ${running.pid}`,
      connections: settings.worker_connections,
    }),
    ...checkBacklog({
      backlog: settings.backlog,
      isSet: origins.backlog !== 'default',
      somaxconn: somaxconn(),
    }),
    ...checkPortRange(ports, outgoing, reserved),
  ]
}

function checkCapacity({ config: { settings }, workers }: Subject): Finding[] {
  const total = memoryLimit()
  const { max_memory } = settings
  return [
    checkProcessors({ workers, count: cpuCount() }),
    checkMemory({
      workers,
      total,
      isLimited: total < totalmem(),
      maxMemory: max_memory === null ? undefined : bytesOf(max_memory, total),
      heapLimit: getHeapStatistics().heap_size_limit,
    }),
  ]
}

/** A percentage refers to the memory of the cgroup, as for the limit of a worker. */
function bytesOf(size: number | string, whole: number): number {
  return typeof size === 'number' ? size : Math.floor((whole * Number.parseFloat(size)) / 100)
}

function checkSpace({ config: { settings, directory } }: Subject): Finding[] {
  const logs = placesOf(settings, directory).filter(({ what }) => what === 'log')
  const disks = [...new Set(logs.map(({ path }) => dirname(path.path)))].flatMap((path) => {
    const space = freeSpace(path)
    return space === undefined ? [] : [{ path, problem: undefined, ...space }]
  })
  return [checkTemporary(temporarySpace(tmpdir())), ...checkLogSpace(disks)]
}

function checkRights({ config, environment }: Subject): Finding[] {
  const { settings, directory, file, appFile, hookFiles } = config
  const code = [file, appFile, ...hookFiles].flatMap((path) => (path === null ? [] : [pathFacts(path)]))
  const named = listOf(settings.env_file).map((path) => resolve(directory, path))
  return [
    ...checkRoot({
      isRoot: process.geteuid?.() === 0,
      hasUser: settings.user !== null,
      isContainer: containerFacts(environment, directory).isContainer,
    }),
    ...checkCode(code),
    ...checkSecrets(secretFiles(directory, named).map(pathFacts)),
  ]
}

function forwardedNames(settings: Settings): ForwardedNames | undefined {
  if (settings.forwarded_allow_ips.length === 0) return undefined
  return { names: settings.forwarded_headers, schemes: Object.keys(settings.secure_scheme_headers) }
}

function checkSurroundings({ config: { settings, directory }, environment, workers }: Subject): Finding[] {
  const container = containerFacts(environment, directory)
  const bind = listOf(settings.bind)
  const parsed = parseAddresses(bind, (path) => resolve(directory, path))
  const addresses = bindPlaces(parsed, workers).map(({ address }) => address)
  const { keepalive, graceful_timeout, drain_delay, request_timeout } = settings
  const proxy = checkProxy({
    addresses,
    keepalive,
    requestTimeout: request_timeout,
    forwarded: forwardedNames(settings),
    files: nginxFiles(directory),
  })
  const fileLogs = placesOf(settings, directory).flatMap(({ what, setting }) =>
    what === 'log' ? [setting] : [],
  )
  return [
    ...proxy,
    ...checkLoadBalancer(addresses, keepalive, proxy.length > 0),
    ...checkReach(bind, container.isContainer),
    ...checkTrust(addresses, settings),
    ...checkContainer(container, { fileLogs, stop: graceful_timeout + drain_delay }),
  ]
}
