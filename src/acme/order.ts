// Runs in the process that orders a certificate: one order, from the account to the certificate (RFC 8555,
// section 7).

import acme, { type Authorization } from 'acme-client'
import { covers, type CertificateLife } from '../tls/acme-due.ts'
import { certificateLife } from '../tls/acme-life.ts'
import { challengeTypes, type ChallengeType } from '../tls/acme-settings.ts'
import type { AcmeChallenge } from '../tls/material.ts'

type Client = acme.Client
type Challenge = Authorization['challenges'][number]

export interface OrderOptions {
  readonly client: Client
  readonly email: string | null
  readonly domains: readonly string[]
  /** The better one first. */
  readonly challenges: readonly ChallengeType[]
  /** Resolves when they are served. */
  readonly present: (challenges: readonly AcmeChallenge[]) => Promise<void>
}

/** What a certificate is served with, in PEM. */
export interface Obtained {
  readonly key: string
  readonly chain: string
  readonly life: CertificateLife
}

/** Rejects with the first reason why there is no certificate. */
export async function obtain(options: OrderOptions): Promise<Obtained> {
  const { client, email, domains } = options
  const contact = email === null ? {} : { contact: [`mailto:${email}`] }
  await client.createAccount({ termsOfServiceAgreed: true, ...contact })
  const order = await client.createOrder({
    identifiers: domains.map((value) => ({ type: 'dns', value })),
  })
  await answerAll(await client.getAuthorizations(order), options)
  const [key, request] = await acme.crypto.createCsr(
    { altNames: [...domains] },
    await acme.crypto.createPrivateEcdsaKey('P-256'),
  )
  const chain = await client.getCertificate(await client.finalizeOrder(order, request))
  return { key: key.toString(), chain, life: checkedLife(chain, domains) }
}

async function answerAll(
  authorizations: readonly Authorization[],
  { client, challenges, present }: OrderOptions,
): Promise<void> {
  // A name that was shown a short while ago need not be shown again.
  const open = authorizations.filter(({ status }) => status !== 'valid')
  if (open.length === 0) return
  const chosen = open.map((authorization) => ({
    authorization,
    challenge: choose(authorization, challenges),
  }))
  const answers = chosen.map(({ authorization, challenge }) => answer(client, authorization, challenge))
  await present(await Promise.all(answers))
  for (const { challenge } of chosen) await client.completeChallenge(challenge)
  for (const { challenge } of chosen) await client.waitForValidStatus(challenge)
}

function choose({ challenges, identifier }: Authorization, types: readonly ChallengeType[]): Challenge {
  const found = types.flatMap((type) => challenges.find((each) => each.type === type) ?? [])[0]
  if (found !== undefined) return found
  const offered = challenges.map(({ type }) => type)
  const known = challengeTypes.filter((type) => (offered as readonly string[]).includes(type))
  const remedy = known.length > 0 ? '; see `challenge` and `bind`' : ''
  throw new Error(
    `the authority offers ${offered.join(', ')} for ${identifier.value}, and this server can answer ` +
      `${types.join(' and ')}${remedy}`,
  )
}

async function answer(
  client: Client,
  authorization: Authorization,
  challenge: Challenge,
): Promise<AcmeChallenge> {
  const response = await client.getChallengeKeyAuthorization(challenge)
  if (challenge.type === 'http-01') return { type: 'http-01', token: challenge.token, response }
  const own = await acme.crypto.createPrivateEcdsaKey('P-256')
  const [key, cert] = await acme.crypto.createAlpnCertificate(authorization, response, own)
  const name = authorization.identifier.value
  return { type: 'tls-alpn-01', name, cert: cert.toString(), key: key.toString() }
}

/** What cannot be served is not kept. */
function checkedLife(chain: string, domains: readonly string[]): CertificateLife {
  const life = certificateLife(chain)
  if (life === undefined || !covers(life, domains))
    throw new Error(
      `the authority has issued a certificate for ${life?.names.join(', ') ?? 'no name'}, and not for all ` +
        `of ${domains.join(', ')}`,
    )
  return life
}
