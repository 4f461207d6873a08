// The lock of a service over several machines: two servers, which share only a Redis. What the instances
// write shows that never two run, whatever happens to Redis and to the processes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { onlyModule, ranAlone } from '../helpers/service-app.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

/** Ends at its signal, writes its number, and blocks its event loop when the file `block` names it. */
const lockedModule = onlyModule
  .replaceAll("'ran.txt'", "process.env.SHARED + '/ran.txt'")
  .replaceAll("'only.txt'", "process.env.SHARED + '/only.txt'")
  .replace('start({ signal })', 'start({ signal, fence })')
  .replace("note('begins')", "note('begins'); note('fence ' + fence)")
  .replace(
    'if (owner() !== process.pid)',
    `if (existsSync(process.env.SHARED + '/block.' + process.pid)) for (;;);
    if (owner() !== process.pid)`,
  )
  .replace('import { appendFileSync,', 'import { appendFileSync, existsSync,')

const lockTime = 3

const ends = (pid: number): Promise<true> =>
  eventually(`the end of ${pid}`, () => (isAlive(pid) ? undefined : true))

function serverOf(project: Project, shared: Project, url: string, nr: number): Promise<RunningServer> {
  project.write(`only.js`, lockedModule)
  project.write('web.js', 'export default (req, res) => res.end()')
  project.write(
    'server.config.js',
    `export default { app: './web.js', bind: '127.0.0.1:0', workers: 1, timeout: 60,
      env: { SHARED: ${JSON.stringify(shared.directory)}, NR: '${nr}' },
      services: { only: { run: './only.js', lock: { url: ${JSON.stringify(url)}, time: ${lockTime} } } } }`,
  )
  return startServer(project)
}

test('over two servers exactly one runs, through stops and deaths of Redis, of its process and of a master', async (t) => {
  const redis = await startRedis(t)
  const shared = createProject(t, { 'ran.txt': '' })
  const [first, second] = [createProject(t, {}, ['redis']), createProject(t, {}, ['redis'])]
  const one = await serverOf(first, shared, redis.url, 1)
  let count = 0
  /** The next process that runs. */
  const next = async (): Promise<number> => {
    count += 1
    await one.until(`process ${count}`, () => ranAlone(shared).length >= count)
    return ranAlone(shared).at(-1) ?? 0
  }
  const holder = await next()
  const two = await serverOf(second, shared, redis.url, 2)
  await two.says(
    new RegExp(`the service only waits for its lock tsgun:only:0: process ${holder} on \\S+ holds it`),
  )

  one.signal('SIGTERM') // releases it
  await one.exit()
  const released = await next()
  const three = await serverOf(first, shared, redis.url, 1)

  killProcess(released) // its lock ends with its time
  const afterKill = await next()
  killProcess(afterKill, 'SIGSTOP') // its master ends it
  const afterStop = await next()

  redis.signal('SIGSTOP') // the lock is given up, and nobody gets it
  await ends(afterStop)
  redis.signal('SIGCONT')
  const afterPause = await next()

  shared.write(`block.${afterPause}`, '')
  await ends(afterPause)
  const why = /its lock (?:could not be|was not) renewed in time/ // by its watchdog, or, later, its master
  await eventually('why it ended', () =>
    [two, three].some(({ stderr }) => why.test(stderr)) ? true : undefined,
  )
  const afterBlock = await next()

  await redis.kill()
  await redis.start() // without the key: nobody else gets it before a full time
  killProcess(afterBlock)
  await next()
  const log = shared.read('ran.txt')
  const fences = [...log.matchAll(/^fence (\d+)/gm)].map((match) => Number(match[1]))
  assert.deepEqual(
    fences,
    [...fences].sort((a, b) => a - b),
    'the numbers grow',
  )
  assert.equal(new Set(fences).size, fences.length)
  ranAlone(shared)
  await two.stop()
  await three.stop()
  for (const server of [one, two, three])
    assert.doesNotMatch(server.stderr + server.stdout, /pw-of-redis/, 'no password in a log')

  const printed = launch(first, { arguments: ['--print-config'] })
  await printed.exit()
  assert.match(printed.stdout, /redis:\/\/default:\*\*\*@/)
  assert.doesNotMatch(printed.stdout + printed.stderr, /pw-of-redis/)
})
