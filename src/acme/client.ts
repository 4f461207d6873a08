// Runs in the process that orders a certificate: the client of ACME. The library tries again by itself what
// has failed, for minutes, and its errors do not say what the authority has written; here each request is
// made once, and the last problem is kept. The master tries again.

import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import acme from 'acme-client'
import { errorCode } from '../os/error-code.ts'
import { messageOf } from '../os/error-message.ts'
import { fileProblem } from '../os/file-problem.ts'
import { isObject } from '../os/type-checks.ts'
import { AuthorityError, problemIn, retryAfterOf } from './authority-error.ts'

/** Milliseconds for one request. */
const requestTimeout = 30_000
/** Milliseconds between two looks whether the authority is done, and how often it is looked. */
const polling = { backoffMin: 1000, backoffMax: 10_000, backoffAttempts: 25 }

export interface ClientOptions {
  readonly directory: string
  readonly directoryCa: string | null
  readonly externalAccount: string | null
  readonly accountKey: string
  readonly version: string
}

export class AcmeConnection {
  readonly client: acme.Client
  readonly #directory: string
  readonly #hasOwnCa: boolean
  #problem: string | undefined
  #retryAfter = 0

  constructor({ directory, directoryCa, externalAccount, accountKey, version }: ClientOptions) {
    const { defaults, interceptors } = acme.axios
    interceptors.request.clear()
    interceptors.response.clear()
    interceptors.response.use((response) => {
      this.#problem = problemIn(response.data)
      const isBusy = response.status === 429 || response.status === 503
      this.#retryAfter = isBusy ? retryAfterOf(response.headers['retry-after'], Date.now()) : 0
      return response
    })
    defaults.timeout = requestTimeout
    defaults.headers.common['User-Agent'] = `tsgun/${version} node-acme-client`
    if (directoryCa !== null) defaults.httpsAgent = new Agent({ ca: readNamed('directory_ca', directoryCa) })
    this.#directory = directory
    this.#hasOwnCa = directoryCa !== null
    const binding = externalAccount === null ? {} : { externalAccountBinding: readBinding(externalAccount) }
    this.client = new acme.Client({ directoryUrl: directory, accountKey, ...binding, ...polling })
  }

  /** Rejects with an AuthorityError when the authority refuses, or cannot be reached. */
  async during<Result>(step: () => Promise<Result>): Promise<Result> {
    try {
      return await step()
    } catch (error) {
      throw new AuthorityError(this.#problem ?? this.#wordsFor(error), this.#retryAfter, error)
    }
  }

  #wordsFor(error: unknown): string {
    const code = errorCode(error) ?? ''
    const message = messageOf(error)
    if (!(error instanceof Error) || !('isAxiosError' in error)) return message
    const { host } = new URL(this.#directory)
    const isUntrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
    if (!isUntrusted) return `${host} cannot be reached: ${message}`
    const remedy = this.#hasOwnCa ? 'it is not the one in directory_ca' : 'name its file in directory_ca'
    return `the authority of the certificate of ${host} is not known (${message}); ${remedy}`
  }
}

function readNamed(part: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Error(`${part} ${path} cannot be read: ${fileProblem(error, path)}`, { cause: error })
  }
}

/** The text is a secret, which no message quotes. */
function readBinding(path: string): { readonly kid: string; readonly hmacKey: string } {
  const found = bindingIn(readNamed('external_account', path).toString('utf8'))
  if (found !== undefined) return found
  throw new Error(`external_account ${path}: expected { "kid": "…", "hmac_key": "…" } in JSON`)
}

/** Undefined for what has another form. */
export function bindingIn(text: string): { readonly kid: string; readonly hmacKey: string } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value)) return undefined
    const { kid, hmac_key: hmacKey } = value
    return typeof kid === 'string' && typeof hmacKey === 'string' ? { kid, hmacKey } : undefined
  } catch {
    return undefined
  }
}
