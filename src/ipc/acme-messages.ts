// What the arbiter and the process that orders a certificate say to each other. Both have the same version;
// received messages are checked all the same, because what cannot be read is a defect that has to show.

import { isObject } from '../os/type-checks.ts'
import type { CertificateLife } from '../tls/acme-due.ts'
import type { AcmePlaces, ChallengeType } from '../tls/acme-settings.ts'
import type { AcmeChallenge } from '../tls/material.ts'

interface AnyTask {
  readonly type: 'task'
  readonly version: string
  readonly places: AcmePlaces
  readonly domains: readonly string[]
}

/** There is something to serve afterwards. */
export interface AcmePrepareTask extends AnyTask {
  readonly job: 'prepare'
}

/** Gets a certificate, unless there is one. */
export interface AcmeOrderTask extends AnyTask {
  readonly job: 'order'
  readonly email: string | null
  /** The URL of the directory. */
  readonly directory: string
  /** The better one first. */
  readonly challenges: readonly ChallengeType[]
  /** 0 to 1: see renewalTime(). */
  readonly jitter: number
}

/** The first message. */
export type AcmeTask = AcmePrepareTask | AcmeOrderTask

export type AcmeOrder =
  | AcmeTask
  /** The challenges are served by all workers. */
  | { readonly type: 'presented' }

/** Why there is no certificate. */
export interface AcmeFailure {
  readonly reason: string
  /** Milliseconds that the authority wants this server to wait. */
  readonly retryAfter: number
  /** In a row, with those before the last restart; 0 when that is not known. */
  readonly failures: number
}

export type AcmeReport =
  /** There is something to serve. */
  | { readonly type: 'prepared' }
  /** It has the lock, the certificate is due, and the order begins. */
  | { readonly type: 'ordering' }
  /** Asks for `presented`. */
  | { readonly type: 'challenges'; readonly challenges: readonly AcmeChallenge[] }
  | ({ readonly type: 'obtained' } & Pick<CertificateLife, 'from' | 'expires'>)
  /** Another process has obtained it. */
  | { readonly type: 'current' }
  /** Another process has the lock. */
  | { readonly type: 'busy' }
  /** The last failure is too young: the milliseconds to wait. */
  | { readonly type: 'paused'; readonly wait: number }
  | ({ readonly type: 'failed' } & AcmeFailure)

const reports: {
  readonly [Type in AcmeReport['type']]: (message: Readonly<Record<string, unknown>>) => boolean
} = {
  prepared: () => true,
  ordering: () => true,
  challenges: ({ challenges }) => Array.isArray(challenges),
  obtained: ({ from, expires }) => typeof from === 'number' && typeof expires === 'number',
  current: () => true,
  busy: () => true,
  paused: ({ wait }) => typeof wait === 'number',
  failed: ({ reason, retryAfter, failures }) =>
    typeof reason === 'string' && [retryAfter, failures].every((each) => typeof each === 'number'),
}

/** Undefined for what is no message of that process. */
export function readAcmeReport(value: unknown): AcmeReport | undefined {
  if (!isObject(value)) return undefined
  const { type } = value
  if (typeof type !== 'string' || !Object.hasOwn(reports, type)) return undefined
  // its row has checked it
  return reports[type as AcmeReport['type']](value) ? (value as unknown as AcmeReport) : undefined
}

/** The arbiter has the same version. */
export function readAcmeOrder(value: unknown): AcmeOrder | undefined {
  const isKnown = isObject(value) && (value['type'] === 'task' || value['type'] === 'presented')
  return isKnown ? (value as unknown as AcmeOrder) : undefined
}
