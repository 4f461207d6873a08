// The Node.js lines that tsgun supports, as binaries from npm (package.json beside this file).

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
} // our own file

/** Such as 20 and 24. */
export const nodeLines: readonly string[] = Object.keys(dependencies).map((name) => name.replace('node-', ''))

/** The path of the binary of a line. All are installed if one is missing. */
export function binaryOf(line: string): string {
  if (nodeLines.some((each) => !existsSync(pathOf(each))))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
  return pathOf(line)
}

function pathOf(line: string): string {
  return join(here, 'node_modules', `node-${line}`, 'bin/node')
}
