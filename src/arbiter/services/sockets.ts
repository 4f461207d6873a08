// Runs in the arbiter: the sockets of the services of a generation. Each service that serves an app has the
// addresses of its own `bind`.

import { listOf } from '../../config/settings/list-of.ts'
import type { ServicePlan } from '../../config/sources/service-plans.ts'
import type { ListenSockets, OpenSockets } from '../../listen/listen-sockets.ts'
import type { Listener } from '../../listen/listener.ts'
import type { GenerationService } from '../model/generation.ts'
import { noSockets } from '../model/sockets.ts'

/** Opens those of all services. `ofApp`: those of the app. Rejects with a BindError. */
export async function openServices(
  plans: readonly ServicePlan[],
  sockets: Pick<ListenSockets, 'open'>,
  ofApp: readonly Listener[],
): Promise<readonly GenerationService[]> {
  const services: GenerationService[] = []
  for (const plan of plans) {
    const bind = {
      addresses: listOf(plan.own.bind ?? []),
      isDefault: false,
      workers: plan.processes,
      service: { owner: plan.identity },
      taken: [...ofApp, ...services.flatMap((service) => socketsOf(service))],
    }
    services.push({ plan, ...(plan.kind === 'app' ? await sockets.open(bind) : noSockets()) })
  }
  return services
}

/** Those that all workers share, and those of each slot. */
export function socketsOf({ listeners, slots }: OpenSockets): readonly Listener[] {
  return [...listeners, ...slots.all()]
}
