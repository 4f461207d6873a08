// config-examples/websocket in a real browser: messages from the app over the bus and the WebSocket service
// to the page, through a reload and the death of each process.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { noChromium, openPage } from '../helpers/browser.ts'
import { freePort } from '../helpers/bus-servers.ts'
import { childrenOf, commandOf, killProcess } from '../helpers/processes.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const config = join(repository, 'config-examples/websocket/server.config.ts')

/** The messages that the store keeps. */
const kept = 5

interface Item {
  readonly id: string
  readonly text: string
}

const itemsOf = (page: Page): Promise<readonly Item[]> =>
  page.evaluate(
    'Array.from(document.querySelectorAll("#messages li"), ({ id, innerHTML: text }) => ({ id, text }))',
  )

/** Adds each text that the page has ever shown as its state to a list. */
const recordStates = `const states = (globalThis.states = []); new MutationObserver(() =>
  states.push(document.querySelector('#state').textContent)).observe(document.querySelector('#state'), { childList: true })`

const statesOf = (page: Page): Promise<readonly string[]> => page.evaluate('globalThis.states')

async function post(server: RunningServer, text: string): Promise<void> {
  await eventually(`a worker to take ${text}`, async () => {
    const headers = { 'content-type': 'text/plain' }
    const response = await fetch(`${server.url}/messages`, { method: 'POST', headers, body: text }).catch(
      () => undefined, // its worker was killed
    )
    return response?.status === 201 || undefined
  })
}

async function untilShown(page: Page, server: RunningServer, text: string): Promise<void> {
  const report = async (): Promise<string> => `${JSON.stringify(await itemsOf(page))}\n${server.report()}`
  await eventually(
    `the page to show ${text}`,
    async () => (await itemsOf(page)).some((item) => item.text === text) || undefined,
    report,
  )
}

function processOf(server: RunningServer, title: RegExp): number {
  return childrenOf(server.pid).find((pid) => title.test(commandOf(pid))) ?? 0
}

/** Fails unless each message is there once and in order, with no more than the given gaps. */
async function checkOrder(page: Page, gaps: readonly string[]): Promise<void> {
  const items = await itemsOf(page)
  const numbers = items.filter(({ id }) => id !== '').map(({ id }) => Number(id.replace('message-', '')))
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((one, other) => one - other),
  )
  assert.deepEqual(
    items.filter(({ id }) => id === '').map(({ text }) => text),
    gaps,
  )
  const missing = gaps.reduce((sum, gap) => sum + Number.parseInt(gap, 10), 0)
  assert.equal(numbers.length + missing, numbers.at(-1), JSON.stringify(items))
}

test(
  'a browser shows what the app publishes, through a reload and kill -9 of each process',
  { skip: noChromium },
  async (t) => {
    const project = createProject(t)
    const server = await startServer(project, {
      arguments: ['-c', config, '-b', '127.0.0.1:0'],
      environment: {
        LIVE_PORT: String(await freePort()),
        KEEP: String(kept),
        STATE_DIRECTORY: project.directory,
      },
    })
    const page = await openPage(project, server.url)
    await page.evaluate(recordStates)
    await page.fill('input', 'from the <b>page</b>')
    await page.click('button')
    await untilShown(page, server, 'from the &lt;b&gt;page&lt;/b&gt;')
    for (let nr = 2; nr < 12; nr += 1) await post(server, `message ${nr}`)
    await untilShown(page, server, 'message 11')

    await t.test('a reload', async () => {
      server.signal('SIGHUP')
      await post(server, 'during the reload')
      await server.says(/reload done: generation 2/)
      await post(server, 'after the reload')
      await untilShown(page, server, 'after the reload')
      await checkOrder(page, [])
    })

    for (const [name, title] of [
      ['a worker of the app', /^tsgun: worker \d/],
      ['the broker', /^tsgun: bus/],
      ['the store', /^tsgun: store 0/],
      ['the WebSocket service', /^tsgun: live 0/],
    ] as const)
      await t.test(`kill -9 of ${name}`, async () => {
        const pid = processOf(server, title)
        killProcess(pid)
        await post(server, `after the end of ${name}`)
        await server.says(new RegExp(`pid ${pid}\\).*SIGKILL`))
        await untilShown(page, server, `after the end of ${name}`)
        await checkOrder(page, [])
      })

    await t.test('what is not kept until the page is connected again is a gap', async () => {
      const pid = await eventually('the next process', () => processOf(server, /^tsgun: live 0/) || undefined)
      killProcess(pid, 'SIGSTOP') // its connections stay, and it passes on nothing
      for (let nr = 1; nr <= kept + 3; nr += 1) await post(server, `unseen ${nr}`)
      killProcess(pid)
      await untilShown(page, server, `unseen ${kept + 3}`)
      await checkOrder(page, ['3 messages are missing'])
      await post(server, 'seen')
      await untilShown(page, server, 'seen')
    })

    await page.evaluate('globalThis.states.length = 0')
    await server.stop()
    const delays = await eventually('four delays', async () => {
      const found = (await statesOf(page)).map((text) => Number(/again in ([\d.]+) s/.exec(text)?.[1]))
      return found.length >= 4 ? found : undefined
    })
    assert.deepEqual(
      delays,
      delays.toSorted((one, other) => one - other),
    )
    assert.ok((delays[3] ?? 0) >= 2, delays.join(' '))
  },
)
