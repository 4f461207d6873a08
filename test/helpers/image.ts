// The image of config-examples/container without a container engine: its files in a read-only root file
// system, and its command as the first process of namespaces of its own, under the user of the Dockerfile. As
// root, or without rights in a user namespace.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser, type Instruction, type JSONInstruction } from 'dockerfile-ast'
import { childrenOf } from './processes.ts'
import { nodeBinary, repository, type LaunchOptions, type Launched, type Project } from './tsgun.ts'

export const exampleDirectory = join(repository, 'config-examples/container')

/** What the last stage of a Dockerfile says about the process. */
export interface ImageConfig {
  readonly directory: string
  readonly user: string
  readonly environment: readonly string[]
  readonly command: readonly string[]
}

export function readDockerfile(text: string): ImageConfig {
  const instructions = DockerfileParser.parse(text).getInstructions()
  const stage = instructions.slice(instructions.findLastIndex((each) => each.getKeyword() === 'FROM'))
  const all = (keyword: string): Instruction[] => stage.filter((each) => each.getKeyword() === keyword)
  const last = (keyword: string): string => all(keyword).at(-1)?.getArgumentsContent() ?? ''
  const command = all('CMD').find((each): each is JSONInstruction => 'getJSONStrings' in each)
  return {
    directory: last('WORKDIR'),
    user: last('USER'),
    environment: all('ENV').map((each) => each.getArgumentsContent() ?? ''),
    command: command?.getJSONStrings().map((each) => each.getJSONValue()) ?? [],
  }
}

const isRoot = process.getuid?.() === 0
const mayMount = isRoot ? '' : '--user --map-root-user'

/** Why there can be none here, or false. */
export const noImage = reasonAgainst() ?? false

/** Arguments: a directory for the root file system, the project, the repository, Node.js, directory, user. */
const prepare = `set -euo pipefail
mount -t tmpfs -o mode=755 tmpfs "$1"
cd "$1"
mkdir -p usr proc tmp dev etc opt/bin ".$5/node_modules/tsgun"
read_only() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
read_only /usr usr
for link in bin sbin lib lib64; do [ ! -L /$link ] || cp -d /$link $link; done
echo 'root:x:0:0::/root:/bin/sh' > etc/passwd
touch opt/bin/node dev/null dev/urandom
read_only "$4" opt/bin/node
mount --bind /dev/null dev/null
mount --bind /dev/urandom dev/urandom
cp -R "$2/image/." ".$5"
read_only "$3" ".$5/node_modules/tsgun"
mount -t proc proc proc
mkdir old
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro /
`

/** A command of the shell before that of the image: it has the user, and no right more than that. */
function asUser(user: string): string {
  const [uid = '', gid = ''] = user.split(':')
  return isRoot
    ? `setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all`
    : `unshare --user --map-user=${uid} --map-group=${gid} setpriv --no-new-privs`
}

/** The user has mounted it. */
const mountTmp = 'mount -t tmpfs -o mode=1777,size=64m tmpfs /tmp\n'

export interface ImageOptions {
  /** More arguments. */
  readonly words?: readonly string[]
  /** Default: true. */
  readonly hasTmp?: boolean
}

/** What a container engine does with the image, whose files are in image/ of the project. */
export function imageOptions(
  project: Project,
  image: ImageConfig,
  { words = [], hasTmp = true }: ImageOptions = {},
): LaunchOptions {
  const places = [project.path('root'), project.directory, repository, nodeBinary, image.directory]
  const variables = ['PATH=/opt/bin:/usr/bin', ...image.environment, 'TSGUN_READY_FD=3']
  const run = `cd ${image.directory}\nexec ${asUser(image.user)} env -i ${variables.join(' ')} "\${@:6}"\n`
  project.write('prepare.sh', `${prepare}${hasTmp ? mountTmp : ''}${run}`)
  project.write('root/.keep', '')
  const enter = `unshare ${mayMount} --pid --fork --kill-child --mount bash ${project.path('prepare.sh')}`
  const command = [...places, ...image.command, ...words].map((word) => `'${word}'`).join(' ')
  return { limit: `exec ${enter} ${command}` }
}

/** The pid outside of the first process. */
export function firstProcess(server: Launched): number {
  return childrenOf(server.pid)[0] ?? 0
}

/** Runs a command in the container as its user, as `docker exec` does. */
export function execIn(server: Launched, image: ImageConfig, command: readonly string[]): string {
  const first = firstProcess(server)
  const places = ['--pid', '--root', '--mount'].map((option) => {
    const name = { '--pid': 'ns/pid', '--root': 'root', '--mount': 'ns/mnt' }[option]
    return `${option}=/proc/${first}/${name}`
  })
  const user = isRoot ? [] : [`--user=/proc/${server.pid}/ns/user`, '--preserve-credentials']
  const inside = `cd ${image.directory} && exec ${asUser(image.user)} "$@"`
  const { stdout, stderr, status } = spawnSync(
    'nsenter',
    [
      ...user,
      ...places,
      '/usr/bin/env',
      '-i',
      'PATH=/opt/bin:/usr/bin',
      '/bin/bash',
      '-c',
      inside,
      'bash',
      ...command,
    ],
    { encoding: 'utf8', timeout: 60_000 },
  )
  if (status !== 0) throw new Error(`${command.join(' ')} exited with ${status}: ${stdout}${stderr}`)
  return stdout
}

function reasonAgainst(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  const words = [...mayMount.split(' ').filter(Boolean), '--pid', '--fork', '--mount', '--mount-proc', 'true']
  const { status, stderr, error } = spawnSync('unshare', words, { encoding: 'utf8' })
  return status === 0 ? undefined : `no namespaces can be made here: ${error?.message ?? stderr}`
}

export const exampleImage = readDockerfile(readFileSync(join(exampleDirectory, 'Dockerfile'), 'utf8'))
