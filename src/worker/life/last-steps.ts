// Runs in a worker whose requests are served: the last steps of the app, in this order: its shutdown(), the
// hook worker_exit, its own listeners of SIGTERM or SIGINT, those of `beforeExit`. From here on process.exit
// in one of them only ends that step. Telemetry comes last, so that it delivers what the others have
// recorded.

import type { Beginning } from '../boot/steps.ts'
import type { LifeOptions, LifeState } from './options.ts'

/**
 * Milliseconds that the app's listeners have in any case; the arbiter kills a worker 2 s after its deadline.
 */
export const leastForListeners = 1000

/** `endsAt`: when the time for requests is over, by the clock. */
export async function runLastSteps(
  options: Pick<LifeOptions, 'output' | 'system'>,
  { beginning, booted }: Pick<LifeState, 'beginning' | 'booted'>,
  endsAt: number,
): Promise<void> {
  if (beginning === undefined) return
  const { output, system } = options
  const { program } = system
  program.begin()
  try {
    await program.step(() => booted?.app.shutdown?.())
  } catch (error) {
    output.log().error({ err: error }, `the app's shutdown() failed`)
  }
  const { hooks, server, worker } = beginning
  await program.step(() => hooks.run('worker_exit', server, worker))
  await runListeners(options, beginning, endsAt)
}

async function runListeners(
  { output, system }: Pick<LifeOptions, 'output' | 'system'>,
  { worker }: Beginning,
  endsAt: number,
): Promise<void> {
  const { program, clock } = system
  const signal = worker.exit?.reason === 'quit' ? 'SIGINT' : 'SIGTERM'
  const within = Math.max(endsAt - clock.now(), leastForListeners)
  const { exitCode, late } = await program.run({ signal, within })
  if (late !== undefined) {
    const { event, left } = late
    output
      .log()
      .warn(
        `the app's listeners of ${event} had ${(within / 1000).toFixed(1)} s and did not end: ` +
          `this worker exits now${left === '' ? '' : `; still open: ${left}`}`,
      )
  }
  // 128 and more: the codes by which programs report a signal
  if (exitCode !== undefined && exitCode !== 0 && exitCode < 128)
    output.log().warn(`the app called process.exit(${exitCode}) at the end of this worker`)
}
