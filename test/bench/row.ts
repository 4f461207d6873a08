// One line of the benchmark: tsgun beside a named baseline, measured in turns in one run, so that noise
// affects both.

export interface Row {
  readonly name: string
  readonly baseline: string
  readonly unit: string
  readonly tsgun: number
  readonly other: number
  /** tsgun divided by the baseline: the median of the rounds, not the quotient of the medians. */
  readonly ratio: number
  /** The target of the ratio, as text. */
  readonly goal: string
}

export interface Round {
  readonly tsgun: number
  readonly other: number
}

export function rowOf(
  facts: Pick<Row, 'name' | 'baseline' | 'unit' | 'goal'>,
  rounds: readonly Round[],
): Row {
  return {
    ...facts,
    tsgun: median(rounds.map(({ tsgun }) => tsgun)),
    other: median(rounds.map(({ other }) => other)),
    ratio: median(rounds.map(({ tsgun, other }) => tsgun / other)),
  }
}

/** Measures both in turns; which one is first changes from round to round. */
export async function inTurns(
  rounds: number,
  measure: { tsgun: () => Promise<number>; other: () => Promise<number> },
): Promise<Round[]> {
  const done: Round[] = []
  for (let nr = 0; nr < rounds; nr += 1) {
    if (nr % 2 === 0) {
      const tsgun = await measure.tsgun()
      done.push({ tsgun, other: await measure.other() })
    } else {
      const other = await measure.other()
      done.push({ tsgun: await measure.tsgun(), other })
    }
  }
  return done
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export function markdown(rows: readonly Row[]): string {
  const head = ['measured', 'tsgun', 'baseline', 'ratio', 'goal']
  const body = rows.map((row) => [
    row.name,
    `${shown(row.tsgun)} ${row.unit}`,
    `${shown(row.other)} ${row.unit} (${row.baseline})`,
    row.ratio.toFixed(2),
    row.goal,
  ])
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
