// Runs in the arbiter: the control socket through the life of a master. What serves it is given from outside,
// so that the arbiter does not know HTTP. The new master of an upgrade has `.2` behind the path, until it is
// the only one.

import type { Settings } from '../../config/settings/table.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { systemClock, type Clock } from '../../os/system/clock.ts'
import type { Arbiter } from '../loop/arbiter.ts'
import type { CommandQueue } from '../model/commands.ts'
import type { Report } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { Journal } from '../report/error-log.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/** What the control socket looks at and gives orders to. */
export interface ControlledServer {
  readonly view: Arbiter['view']
  readonly records: () => readonly WorkerRecord[]
  /** The config file in use. */
  readonly config: string | null
  readonly queue: Pick<CommandQueue, 'put'>
  readonly journal: Pick<Journal, 'observe' | 'report'>
  readonly clock: Pick<Clock, 'now'>
}

/** The control socket, open. */
export interface Control {
  /** The new master of an upgrade takes the path of the old one, which had a suffix until then. */
  promote(): void
  /** Answers why its file could not be removed, if so. */
  close(): string | undefined
}

/**
 * Fulfils with nothing when the settings ask for none; rejects with a BindError. `suffix`: behind its path,
 * until it is promoted.
 */
export type OpenControl = (
  server: ControlledServer,
  settings: Settings,
  suffix?: string,
) => Promise<Control | undefined>

/** What it needs to know of the server. */
export interface ControlParts {
  readonly arbiter: Pick<Arbiter, 'view' | 'records'>
  readonly queue: CommandQueue
  readonly journal: Journal
  readonly first: Generation
}

export class MasterControl {
  readonly #open: OpenControl
  readonly #report: Report
  #control: Control | undefined

  constructor(open: OpenControl, report: Report) {
    this.#open = open
    this.#report = report
  }

  /** Rejects with a BindError. */
  async open({ arbiter, queue, journal, first: { config } }: ControlParts, suffix: string): Promise<void> {
    const records = (): readonly WorkerRecord[] => arbiter.records
    const server = { view: arbiter.view, records, config: config.file, queue, journal, clock: systemClock }
    this.#control = await this.#open(server, config.settings, suffix)
  }

  /** The old master is gone. */
  promote(): void {
    try {
      this.#control?.promote()
    } catch (error) {
      this.#warn(`the control socket keeps its name that ends with .2: ${describeError(error).message}`)
    }
  }

  close(): void {
    const problem = this.#control?.close()
    this.#control = undefined
    if (problem !== undefined) this.#warn(`the control socket is not removed: ${problem}`)
  }

  #warn(message: string): void {
    this.#report({ type: 'warning', message })
  }
}
