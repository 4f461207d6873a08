// Runs in the arbiter, when a config is loaded: the user and the group of processes, from the settings of the
// server or of one of its services.

import { messageOf } from '../../os/error-message.ts'
import {
  IdentityError,
  lookUpIdentity,
  type Identity,
  type IdentitySettings,
} from '../../os/process/identity.ts'

/** Processes keep the user and the groups of the master. */
const sameIdentity: Identity = { uid: undefined, gid: undefined, initgroups: undefined, account: undefined }

const names = ['user', 'group', 'initgroups'] as const satisfies readonly (keyof IdentitySettings)[]

export type AddIdentityProblem = (name: keyof IdentitySettings, message: string) => void

export function identityOf(settings: IdentitySettings, add: AddIdentityProblem): Identity {
  if (settings.initgroups && settings.user === null) {
    add('initgroups', 'expected `user` to be set too, because the workers get the groups of that user')
    return sameIdentity
  }
  if (settings.user === null && settings.group === null) return sameIdentity
  const name = settings.user === null ? 'group' : 'user'
  try {
    const identity = lookUpIdentity(settings)
    const changes = identity.uid !== process.geteuid?.() || identity.gid !== process.getegid?.()
    if (!changes) return sameIdentity
    if (process.geteuid?.() !== 0)
      add(name, 'only a master that runs as root can run its workers as another user or group')
    return identity
  } catch (error) {
    add(error instanceof IdentityError ? error.setting : name, messageOf(error))
    return sameIdentity
  }
}

export interface OwnIdentityParts {
  readonly settings: IdentitySettings
  /** Those that the service sets itself. */
  readonly own: Partial<IdentitySettings>
  /** Of the workers of the app. */
  readonly server: Identity
  /** Whether its processes read the compiled code, and may use tasks and the bus. */
  readonly isNode: boolean
}

/**
 * That of a service; undefined when it has that of the server. Compiled code, the queues of tasks and the bus
 * are open to the group of the app's workers, so its processes belong to that group too.
 */
export function ownIdentityOf(
  { settings, own, server, isNode }: OwnIdentityParts,
  add: AddIdentityProblem,
): Identity | undefined {
  if (names.every((name) => own[name] === undefined)) return undefined
  // the group of the server is that of another user
  const group = own.user === undefined || own.group !== undefined ? settings.group : null
  const identity = identityOf({ ...settings, group }, add)
  if (!isNode || identity.uid === server.uid) return identity
  if (server.gid !== undefined) return { ...identity, extraGroup: server.gid }
  add(
    'user',
    'expected `group` of the server to be set too: this service reads the compiled code by that group',
  )
  return identity
}
