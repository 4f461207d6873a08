// Certificates for tests, made by openssl in a directory of the test: an authority and what it issues.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Issued {
  /** The certificate alone, and with those that issued it. */
  readonly certfile: string
  readonly chainfile: string
  readonly keyfile: string
}

export interface IssueOptions {
  /** DNS names and addresses. */
  readonly names?: readonly string[]
  readonly subject?: string
  /** How long it is valid; negative for one that has expired. */
  readonly days?: number
  readonly kind?: 'ec' | 'rsa'
  /** From when on it is valid, such as `20400101000000Z`. */
  readonly from?: string
}

function openssl(directory: string, words: readonly string[], input?: string): string {
  return execFileSync('openssl', words, {
    cwd: directory,
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
}

const newKey = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], rsa: ['rsa:2048'] } as const

/** What `openssl ca` needs, which alone can set the first day. */
const caConfig = `[ca]
default_ca = own
[own]
database = ./index.txt
serial = ./serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`

export class Authority {
  readonly directory: string
  readonly certfile: string
  readonly #intermediate: string | undefined
  #count = 0

  /** `parent`: makes an intermediate authority. */
  constructor(directory: string, name = 'authority', parent?: Authority) {
    mkdirSync(join(directory, name), { recursive: true })
    this.directory = join(directory, name)
    this.certfile = join(this.directory, 'ca.pem')
    const extensions = [
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=keyCertSign,cRLSign',
    ]
    const request = [
      'req',
      '-newkey',
      ...newKey.ec,
      '-nodes',
      '-keyout',
      'ca-key.pem',
      '-subj',
      `/CN=${name}`,
    ]
    if (parent === undefined)
      openssl(this.directory, [...request, '-x509', '-days', '3650', '-out', 'ca.pem', ...extensions])
    else {
      openssl(this.directory, [...request, '-out', 'ca.csr', ...extensions])
      parent.sign(join(this.directory, 'ca.csr'), this.certfile, 3650)
    }
    this.#intermediate = parent && this.certfile
  }

  sign(request: string, out: string, days: number, from?: string): void {
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial']
    if (from === undefined) {
      const words = ['x509', '-req', '-in', request, ...authority, '-days', String(days)]
      openssl(this.directory, [...words, '-copy_extensions', 'copy', '-out', out])
      return
    }
    writeFileSync(join(this.directory, 'ca.cnf'), caConfig)
    writeFileSync(join(this.directory, 'index.txt'), '')
    writeFileSync(join(this.directory, 'serial'), '01\n')
    const words = [
      'ca',
      '-batch',
      '-config',
      'ca.cnf',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca-key.pem',
      '-in',
      request,
    ]
    const year = Number(from.slice(0, 4))
    openssl(this.directory, [
      ...words,
      '-startdate',
      from,
      '-enddate',
      `${year + 1}${from.slice(4)}`,
      '-notext',
      '-out',
      out,
    ])
  }

  issue({
    names = ['localhost', '127.0.0.1'],
    subject = '/CN=test',
    days = 90,
    kind = 'ec',
    from,
  }: IssueOptions = {}): Issued {
    const place = join(this.directory, String((this.#count += 1)))
    const alternatives = names.map((name) => (/^[\d.:]+$/.test(name) ? `IP:${name}` : `DNS:${name}`))
    const request = ['req', '-newkey', ...newKey[kind], '-nodes', '-keyout', `${place}.key`, '-subj', subject]
    const extension = alternatives.length > 0 ? ['-addext', `subjectAltName=${alternatives.join(',')}`] : []
    openssl(this.directory, [...request, '-out', `${place}.csr`, ...extension])
    this.sign(`${place}.csr`, `${place}.pem`, days, from)
    const chain = [`${place}.pem`, ...(this.#intermediate === undefined ? [] : [this.#intermediate])]
    writeFileSync(`${place}-chain.pem`, chain.map((file) => readFileSync(file, 'utf8')).join(''))
    return { certfile: `${place}.pem`, chainfile: `${place}-chain.pem`, keyfile: `${place}.key` }
  }

  /** The key of an issued certificate with a passphrase. */
  encrypt({ keyfile }: Issued): string {
    openssl(this.directory, [
      'pkey',
      '-in',
      keyfile,
      '-aes128',
      '-passout',
      'pass:secret',
      '-out',
      `${keyfile}.enc`,
    ])
    return `${keyfile}.enc`
  }
}

/** Puts a certificate and its key where a config names them: one after the other, as certbot does. */
export function install({ chainfile, keyfile }: Issued, certificate: string, key: string): void {
  copyFileSync(chainfile, certificate)
  copyFileSync(keyfile, key)
}
