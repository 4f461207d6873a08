// Runs in the arbiter: keeps the certificates of the server fresh. Changed files are read again, and with
// `acme` the certificate is ordered and renewed.

import { startAcme } from '../arbiter/acme/process.ts'
import { AcmeRenewal } from '../arbiter/acme/renewal.ts'
import type { Commands } from '../arbiter/model/commands.ts'
import type { Generation } from '../arbiter/model/generation.ts'
import type { EventBus } from '../arbiter/report/bus.ts'
import { TlsWatch } from '../arbiter/tls/watch.ts'
import { systemClock } from '../os/system/clock.ts'
import type { Undo } from './undo.ts'

export interface CertificateParts {
  readonly version: string
  readonly bus: EventBus
  readonly commands: Commands
  /** Another arbiter has the same sockets. */
  readonly isShared: () => boolean
}

export interface KeptCertificates {
  /** This generation is wanted. */
  follow(generation: Generation): void
  /** The workers of the start serve. */
  begin(): void
  /** A worker answers the challenges of this number. */
  confirm(age: number, nr: number): void
}

/** `undo` ends it. */
export function keepCertificates(
  { version, bus, commands, isShared }: CertificateParts,
  undo: Undo,
): KeptCertificates {
  const shared = { commands, emit: bus.emit, now: () => systemClock.now() }
  const watch = new TlsWatch(shared)
  undo.add(() => watch.close())
  const renewal = new AcmeRenewal({
    ...shared,
    version,
    random: Math.random,
    start: startAcme,
    isShared,
    readFiles: () => watch.look(),
  })
  undo.add(() => renewal.close())
  undo.add(
    bus.subscribe(({ type }) => {
      if (type === 'stopping') renewal.close()
      if (type === 'upgrade_done') void renewal.look() // never rejects
    }),
  )
  return {
    follow(generation) {
      watch.follow(generation)
      renewal.follow(generation)
    },
    begin: () => renewal.begin(),
    confirm: (age, nr) => renewal.confirm(age, nr),
  }
}
