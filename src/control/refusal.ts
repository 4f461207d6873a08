// Runs in the arbiter: a request that is not carried out, with the answer that says why.

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** More than the sentence. */
  readonly more: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    message: string,
    { headers = {}, more = {} }: Partial<Pick<Refusal, 'headers' | 'more'>> = {},
  ) {
    super(message)
    this.status = status
    this.headers = headers
    this.more = more
  }
}
