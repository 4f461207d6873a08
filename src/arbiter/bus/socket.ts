// Runs in the arbiter: the socket of the bus, which the arbiter binds and never accepts on. It survives each
// broker, and both masters of an upgrade have it. It lies in a directory of its own, which others than the
// user of the workers cannot enter.

import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { adopt, bindPath, type Listener } from '../../listen/listener.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { NativeCalls } from '../../os/system/native.ts'
import type { InheritedBus } from '../upgrade/handover.ts'

export interface BusSocket {
  readonly fd: number
  readonly path: string
  /** The broker locks it. */
  readonly directory: string
  /** A service has a user of its own: it belongs to the group of the workers. */
  share(): void
  /** `keep`: another arbiter has the same one. */
  close(keep: boolean): void
}

export interface BusSocketOptions {
  readonly identity: Identity
  readonly native: NativeCalls | undefined
  /** That of the old arbiter of an upgrade. */
  readonly inherited: InheritedBus | undefined
}

const prefix = 'tsgun-bus-'
const backlog = 1024
/** Only the user of the workers may connect; with services of other users, also their group. */
const [umask, sharedMode] = [0o177, 0o660]

/** Rejects with an error of the system when it cannot be made. */
export async function openBusSocket(options: BusSocketOptions): Promise<BusSocket> {
  const { identity: owner, native, inherited } = options
  const listenOptions = { backlog, umask, owner, native }
  if (inherited) {
    const { fd, path } = inherited
    const [requested, address] = [path, { kind: 'unix', path } as const]
    const socket = { fd, requested, address, file: undefined, foreign: false, activation: undefined }
    return busSocket(adopt(socket, listenOptions), path)
  }
  const directory = mkdtempSync(join(tmpdir(), prefix))
  try {
    if (owner.gid !== undefined) share(directory, owner.gid)
    const path = join(directory, 'socket')
    return busSocket(await bindPath(path, path, listenOptions), path)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

/** The workers may enter it, and change nothing in it. */
function share(directory: string, gid: number): void {
  chownSync(directory, -1, gid)
  chmodSync(directory, 0o750)
}

function busSocket(listener: Listener, path: string): BusSocket {
  const directory = dirname(path)
  return {
    fd: listener.fd,
    path,
    directory,
    share: () => chmodSync(path, sharedMode),
    close(keep) {
      listener.close({ keepFile: true })
      if (!keep) rmSync(directory, { recursive: true, force: true })
    },
  }
}
