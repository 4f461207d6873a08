// Runs in the arbiter: the sockets of the services of a generation. Each service that serves an app has the
// addresses of its own `bind`.

import { listOf } from '../../config/settings/list-of.ts'
import type { ServicePlan } from '../../config/sources/service-plans.ts'
import type { Bind, OpenSockets } from '../../listen/listen-sockets.ts'
import type { GenerationService } from '../model/generation.ts'
import { noSockets } from '../model/sockets.ts'

/** Opens those of all services. Rejects with a BindError. */
export async function openServices(
  plans: readonly ServicePlan[],
  open: (bind: Bind) => Promise<OpenSockets>,
): Promise<readonly GenerationService[]> {
  const services: GenerationService[] = []
  for (const plan of plans) {
    const addresses = listOf(plan.own.bind ?? [])
    const service = { owner: plan.identity }
    const bind = { addresses, isDefault: false, workers: plan.processes, service }
    services.push({ plan, ...(plan.kind === 'app' ? await open(bind) : noSockets()) })
  }
  return services
}
