// Runs in the arbiter: a request to the control socket that is not carried out.

import { show } from '../config/problems/problem.ts'
import { routes, type Command, type Route } from './routes.ts'

/** Its message says what was expected; with the response that it gets. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Fields of the response besides `error`. */
  readonly fields: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    message: string,
    { headers = {}, fields = {} }: Partial<Pick<RequestError, 'headers' | 'fields'>> = {},
  ) {
    super(message)
    this.status = status
    this.headers = headers
    this.fields = fields
  }
}

export function wrongValue(command: Command, name: string, value: unknown): RequestError {
  const { fields }: Route = routes[command]
  return new RequestError(
    400,
    `${name}: expected ${fields[name]?.expects ?? ''}; got ${value === undefined ? 'nothing' : show(value)}`,
  )
}
