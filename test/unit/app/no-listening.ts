// An app that calls listen() nowhere.

import type { Listening } from '../../../src/app/listening/app-listening.ts'

export const noListening: Listening = {
  servers: [],
  urls: [],
  while: (booting) => booting,
  wait: () => Promise.resolve(false),
  follow: () => undefined,
  refuse: () => undefined,
  listen: () => undefined,
}
