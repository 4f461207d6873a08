// Runs in the arbiter, only with TLS: the challenges that workers of every generation answer now.

import type { AcmeChallenge } from '../../tls/material.ts'

export class PresentChallenges {
  #list: readonly AcmeChallenge[] = []

  get list(): readonly AcmeChallenge[] {
    return this.#list
  }

  replace(list: readonly AcmeChallenge[]): void {
    this.#list = list
  }
}
