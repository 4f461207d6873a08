// `--check-config`: what runs beside the app, as its processes would. Other programs are not tried. Pure.

import type { Generation } from '../arbiter/model/generation.ts'
import { noSockets } from '../arbiter/model/sockets.ts'
import { serviceGeneration } from '../arbiter/services/service-generation.ts'
import { taskGeneration } from '../arbiter/tasks/task-generation.ts'
import type { ServicePlan } from '../config/sources/service-plans.ts'

/** Tasks, services and schedules, each with its name for a message. */
export function othersOf(
  generation: Generation,
): readonly (readonly [name: string, generation: Generation])[] {
  const { tasks, services, schedules } = generation.config
  const asService = (plan: ServicePlan): Generation => serviceGeneration(generation, { plan, ...noSockets() })
  return [
    ...tasks.map((plan) => [`task ${plan.name}`, taskGeneration(generation, plan, [])] as const),
    ...services.filter(isOurs).map((plan) => [`service ${plan.name}`, asService(plan)] as const),
    ...schedules.map((plan) => [`schedule ${plan.name}`, { ...asService(plan), runAt: 0 }] as const),
  ]
}

/** `the app loads`, `the app, the services and the schedules load`. */
export function loadedWords({ tasks, services, schedules }: Generation['config']): string {
  const all = { tasks, services: services.filter(isOurs), schedules }
  const others = Object.entries(all).flatMap(([name, plans]) => (plans.length > 0 ? [`the ${name}`] : []))
  const last = others.pop()
  return last === undefined ? 'the app loads' : `${['the app', ...others].join(', ')} and ${last} load`
}

function isOurs({ kind }: ServicePlan): boolean {
  return kind !== 'command'
}
