// Runs in the arbiter: the one place that turns an event into a record of the error log: a level, a sentence
// and fields. Pure.

import type { ArbiterEvent } from '../model/events.ts'
import { logSentences } from './sentences/logs.ts'
import type { Describe, EventType, Sentence } from './sentences/sentence.ts'
import { serverSentences } from './sentences/server.ts'
import { workerSentences } from './sentences/workers.ts'

export type { Sentence } from './sentences/sentence.ts'

const sentences: { readonly [Type in EventType]: Describe<Type> } = {
  ...serverSentences,
  ...workerSentences,
  ...logSentences,
}

export function narrate(event: ArbiterEvent): Sentence {
  const describe = sentences[event.type] as Describe<typeof event.type> // the row of the event's own type
  return describe(event)
}
