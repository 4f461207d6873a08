// A real Chromium of a test, without a window. It has a profile of its own, reaches nothing but this machine,
// and ends with the test. If it dies, each call of its page rejects.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import type { Project } from './tsgun.ts'
import { longestWait } from './wait.ts'

const program = process.env['TSGUN_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** Why a test that needs it is skipped. */
export const noChromium = spawnSync(program, ['--version']).error ? 'chromium is not installed' : false

export async function openPage(project: Project, url: string): Promise<Page> {
  const context = await launch(project.path('browser'))
  project.onEnd(() => context.close())
  const page = context.pages()[0] ?? (await context.newPage())
  page.setDefaultTimeout(longestWait)
  await page.goto(url)
  return page
}

/** The directory has everything that it writes, also what it would write to the home directory. */
async function launch(directory: string): Promise<BrowserContext> {
  mkdirSync(directory)
  try {
    return await chromium.launchPersistentContext(directory, {
      executablePath: program,
      headless: true,
      chromiumSandbox: false, // which refuses to run as root
      // The library adds those for a quiet start, such as --no-first-run and --disable-background-networking.
      args: ['--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
      env: { ...process.env, HOME: directory, TMPDIR: directory },
      timeout: longestWait,
    })
  } catch (error) {
    throw new Error(`${program} did not start`, { cause: error })
  }
}
