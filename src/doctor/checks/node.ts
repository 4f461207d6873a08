// The version of Node.js. Pure.

import { ok, warning, type Finding } from '../findings/finding.ts'

const supported = [20, 22, 24, 26]

export function checkNode(version: string): Finding {
  const major = Number(/^v?(\d+)/.exec(version)?.[1])
  if (supported.includes(major)) return ok('Node.js', version)
  const newest = Math.max(...supported)
  return warning(
    'Node.js',
    major > newest ? `${version} is newer than this tsgun` : `${version} gets no long-term support`,
    `use ${supported.slice(0, -1).join(', ')} or ${newest}, on which this tsgun is tested`,
  )
}
