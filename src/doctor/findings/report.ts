// Prints what the doctor has found. Pure.

import type { Finding, Level } from './finding.ts'

const labels: Readonly<Record<Level, string>> = { ok: 'ok', warning: 'warning', wrong: 'WRONG' }

const width = 'warning'.length + 2

export function reportText(config: string | null, findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, subject, message, remedy }) => [
    `${labels[level].padEnd(width)}${subject}: ${message}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(width)}to do: ${remedy}`]),
  ])
  return [`tsgun doctor: ${config ?? 'no config file'}`, ...lines, summary(findings)].join('\n')
}

export function reportJson(config: string | null, findings: readonly Finding[]): string {
  return JSON.stringify({ config, ok: !findings.some(isWrong), findings }, null, 2)
}

export function isWrong({ level }: Finding): boolean {
  return level === 'wrong'
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((each) => each.level === level).length
  const [problems, warnings] = [count('wrong'), count('warning')]
  if (problems + warnings === 0) return 'all is well'
  return `${plural(problems, 'problem')}, ${plural(warnings, 'warning')}`
}

function plural(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
