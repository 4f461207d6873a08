// Runs in the arbiter when all its workers have exited: the listeners of SIGTERM and `beforeExit` of modules
// that NODE_OPTIONS, --require or --import have loaded into it too, such as telemetry.

import type { Emit } from '../arbiter/model/events.ts'
import { describeError } from '../logging/records/describe-error.ts'
import type { ExitCalls } from '../os/program/exit-calls.ts'
import { ProgramEnd } from '../os/program/program-end.ts'
import { systemClock } from '../os/system/clock.ts'

/** Milliseconds. */
const within = 2000

/** Never rejects. What the listeners do to the exit code does not count. */
export async function endPreloaded(process: NodeJS.Process, exits: ExitCalls, emit: Emit): Promise<void> {
  const warn = (message: string): void => emit({ type: 'warning', message })
  const program = new ProgramEnd({
    process,
    exits,
    clock: systemClock,
    own: () => [],
    onFailure: ({ event, error }) =>
      warn(
        `a listener of ${event} in the master, of a preloaded module, failed: ` +
          describeError(error).message,
      ),
  })
  program.begin()
  const { late } = await program.run({ signal: 'SIGTERM', within })
  exits.release()
  if (late) warn(`a listener of ${late.event} in the master, of a preloaded module, did not end in 2 s`)
}
