// Runs in the arbiter: the process, service or schedule that an event is about. Pure.

import type { RecordSource } from '../../logging/files/log-feed.ts'
import type { ArbiterEvent } from '../model/events.ts'

export function aboutOf(event: ArbiterEvent): RecordSource {
  if ('worker' in event) {
    const { service, task, nr } = event.worker
    return { service: service ?? undefined, task: task ?? undefined, nr }
  }
  if ('service' in event) return { service: event.service }
  return 'schedule' in event ? { service: event.schedule } : {}
}
