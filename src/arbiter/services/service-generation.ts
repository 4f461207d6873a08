// Runs in the arbiter: a generation as the pool of one of its services runs it. The pool has the sockets,
// the settings, the files and the number of processes of the service. Pure.

import { durationsOf } from '../../config/settings/durations.ts'
import { settingsOfService } from '../../config/sources/service-plans.ts'
import type { Generation, GenerationService } from '../model/generation.ts'

export function serviceGeneration(
  generation: Generation,
  { plan, listeners, slots }: GenerationService,
): Generation {
  const { config } = generation
  const settings = settingsOfService(config.settings, plan)
  const { nodeFlags, preloads, classFile, appFile, appPath, processes } = plan
  return {
    ...generation,
    service: plan,
    fingerprint: generation.fingerprints?.get(plan.name),
    broken: undefined, // that is for the app, which shows it
    config: {
      ...config,
      settings,
      identity: plan.identity ?? config.identity,
      durations: durationsOf(settings),
      nodeFlags,
      preloads,
      classFile,
      appFile,
      appPath,
    },
    workers: processes,
    listeners,
    slots,
  }
}
