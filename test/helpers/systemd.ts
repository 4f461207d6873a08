// The real systemd as PID 1 of its own namespaces, for tests: its units are those of the test, and all that
// it mounts, writes or starts is removed with it. The host's files are read-only to it, its network is
// separate, and it is killed when the test process ends.

import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { repository, type Project } from './tsgun.ts'
import { eventually } from './wait.ts'

const run = promisify(execFile)
const init = '/lib/systemd/systemd'

/** Milliseconds for each request to systemd: an upper bound for a machine that is busy with other tests. */
const longestWait = 90_000

/**
 * In its own mount and cgroup namespaces: creates a control group, runs the init in it until standard input
 * ends, removes all.
 */
const keeper = `
set -u
mount -t cgroup2 cgroup2 "$1/cgroup" || exit 1
group="$1/cgroup/tsgun-test-$$"
mkdir "$group" || exit 1
(echo "$BASHPID" > "$group/cgroup.procs" && exec unshare --pid --fork --kill-child --mount --cgroup --uts --ipc --net bash "$1/init.sh" "$1" "$2") < /dev/null &
cat > /dev/null
[ -e "$group/cgroup.kill" ] && echo 1 > "$group/cgroup.kill"
kill -KILL $! 2> /dev/null
wait
for try in $(seq 100); do
  find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
  [ -d "$group" ] || break
  sleep 0.1
done
`

/**
 * As PID 1. \`/srv/project\` is the project, which has to be outside of /tmp where a unit has a /tmp of its
 * own.
 */
const initScript = `
set -eu
read -r pid rest < /proc/self/stat # of the host, as long as this /proc is the host's
umount "$1/cgroup"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/project
mount --bind "$1" /run/project
case "$2" in /tmp/*) mount --bind /tmp /tmp ;; *) mount -t tmpfs -o mode=1777 tmpfs /tmp && mkdir -p "$1" ;; esac
mount --bind /run/project "$1"
mount -t proc proc /proc
mount -o bind,ro /proc/sys /proc/sys
mount -t sysfs -o ro sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir /run/dev /run/dev/pts /run/dev/shm
for node in null zero full random urandom tty; do touch "/run/dev/$node"; mount --bind "/dev/$node" "/run/dev/$node"; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /run/dev/pts
ln -s pts/ptmx /run/dev/ptmx
mount --rbind /run/dev /dev
ln -s /proc/self/fd /dev/fd
for place in /etc/systemd /usr/lib/systemd/system-generators /var/log /var/lib /var/tmp /srv; do mount -t tmpfs -o mode=755 tmpfs "$place"; done
printf '[Journal]\\nReadKMsg=no\\nStorage=volatile\\nAudit=no\\nRateLimitBurst=0\\n' > /etc/systemd/journald.conf
mkdir /srv/project
mount --bind "$1" /srv/project
mount -o remount,bind,ro /
echo "$pid" > "$1/pid.new"
mv "$1/pid.new" "$1/pid"
exec env -i container=docker PATH=/usr/local/bin:/usr/bin:/bin SYSTEMD_UNIT_PATH="$1/units" ${init} --system --unit=test.target --log-target=journal --show-status=no
`

const emptyTargets = [
  'sysinit',
  'basic',
  'shutdown',
  'network-online',
  'multi-user',
  'sockets',
  'local-fs',
  'test',
]

/**
 * The journal in memory: as Debian's units, but without the links in /dev, and for the sockets of systemd
 * itself alone.
 */
const journal = {
  'systemd-journald.service': `[Unit]
DefaultDependencies=no
Requires=systemd-journald.socket
[Service]
Type=notify
ExecStart=/lib/systemd/systemd-journald
Sockets=systemd-journald.socket
StandardOutput=null
FileDescriptorStoreMax=64
`,
  'systemd-journald.socket': `[Unit]
DefaultDependencies=no
[Socket]
ListenStream=/run/systemd/journal/stdout
ListenDatagram=/run/systemd/journal/socket
PassCredentials=yes
PassSecurity=yes
ReceiveBuffer=8M
`,
}

/** The reason why the real systemd cannot run here, or false. */
export const noSystemd: string | false = ((): string | false => {
  if (process.platform !== 'linux') return 'systemd exists on Linux only'
  if (process.getuid?.() !== 0) return 'only root can run a systemd of its own'
  if (!existsSync(init)) return 'systemd is not installed'
  const probe = `d=$(mktemp -d) && mount -t cgroup2 none "$d" && mkdir "$d/tsgun-probe-$$" && rmdir "$d/tsgun-probe-$$" &&
    unshare --pid --fork --mount --cgroup --uts --ipc --net mount -t proc proc /proc; code=$?; umount "$d"; rmdir "$d"; exit $code`
  const { status, stderr } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'bash', '-c', probe],
    {
      encoding: 'utf8',
    },
  )
  return status === 0 ? false : `namespaces or control groups are not available here: ${stderr.trim()}`
})()

export interface UnitState {
  readonly ActiveState: string
  readonly SubState: string
  readonly Result: string
  readonly StatusText: string
  readonly MainPID: string
  readonly NRestarts: string
}

const shown = ['ActiveState', 'SubState', 'Result', 'StatusText', 'MainPID', 'NRestarts'] as const

export class Systemd {
  readonly #project: Project
  readonly #pid: number

  constructor(project: Project, pid: number) {
    this.#project = project
    this.#pid = pid
  }

  /** Runs a program inside. Rejects when it fails. */
  async run(program: string, ...words: string[]): Promise<string> {
    const place = ['--target', String(this.#pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup']
    try {
      const { stdout } = await run('nsenter', [...place, program, ...words], {
        timeout: longestWait,
        maxBuffer: 16_777_216,
      })
      return stdout
    } catch (error) {
      throw new Error(`${program} ${words.join(' ')} failed\n${this.#report()}`, { cause: error })
    }
  }

  systemctl(...words: string[]): Promise<string> {
    return this.run('systemctl', '--no-pager', ...words)
  }

  /** Starts a unit, and waits until it is started. Rejects with the journal. */
  async start(unit: string): Promise<void> {
    try {
      await this.systemctl('start', unit)
    } catch (error) {
      throw new Error(`${unit} does not start\n${await this.journal()}`, { cause: error })
    }
  }

  async state(unit: string): Promise<UnitState> {
    const text = await this.systemctl('show', unit, ...shown.map((name) => `--property=${name}`))
    const find = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
    return {
      ActiveState: find('ActiveState'),
      SubState: find('SubState'),
      Result: find('Result'),
      StatusText: find('StatusText'),
      MainPID: find('MainPID'),
      NRestarts: find('NRestarts'),
    }
  }

  /** Waits until the state of the unit is as expected. */
  async until(unit: string, what: string, isWanted: (state: UnitState) => boolean): Promise<UnitState> {
    const probe = async (): Promise<UnitState | undefined> => {
      const state = await this.state(unit)
      return isWanted(state) ? state : undefined
    }
    const report = async (): Promise<string> =>
      `${JSON.stringify(await this.state(unit))}\n${await this.journal()}`
    return eventually(what, probe, report, longestWait)
  }

  /** Waits until a log file matches. */
  async untilFile(file: string, pattern: RegExp): Promise<RegExpExecArray> {
    const probe = (): RegExpExecArray | undefined => pattern.exec(readFileSync(file, 'utf8')) ?? undefined
    return eventually(`${String(pattern)} in ${file}`, probe, () => this.journal(), longestWait)
  }

  /** Resolves with the output of systemd and the services. */
  journal(...words: string[]): Promise<string> {
    return this.run('journalctl', '--no-pager', ...words)
  }

  /** The output of its start, for an error. */
  #report(): string {
    return readFileSync(this.#project.path('systemd.log'), 'utf8')
  }
}

/** Boots systemd with the given units. It ends, with everything in it, before the project is removed. */
export async function bootSystemd(
  project: Project,
  units: Readonly<Record<string, string>>,
): Promise<Systemd> {
  const stub = '[Unit]\nDefaultDependencies=no\n'
  for (const target of emptyTargets) project.write(`units/${target}.target`, stub)
  project.write(
    'units/test.target',
    `${stub}Requires=systemd-journald.service\nAfter=systemd-journald.service\n`,
  )
  for (const [name, text] of Object.entries({ ...journal, ...units })) project.write(`units/${name}`, text)
  project.write('cgroup/.keep', '')
  project.write('systemd.log', '')
  project.write('init.sh', initScript)
  project.write('keeper.sh', keeper)
  const command = 'exec bash "$1/keeper.sh" "$1" "$2" > "$1/systemd.log" 2>&1'
  const words = [
    '--mount',
    '--propagation',
    'private',
    'bash',
    '-c',
    command,
    'bash',
    project.directory,
    repository,
  ]
  // In its own process group: a Ctrl-C ends the tests, and the end of its standard input then lets it clean
  // up.
  const child = spawn('unshare', words, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const ended = new Promise((resolve) => child.once('close', resolve))
  project.onEnd(async () => {
    child.stdin.end()
    await ended
  })
  const log = (): string => readFileSync(project.path('systemd.log'), 'utf8')
  const giveUpAt = performance.now() + longestWait
  while (!existsSync(project.path('pid'))) {
    assert.ok(performance.now() < giveUpAt && child.exitCode === null, `systemd did not start\n${log()}`)
    await delay(20)
  }
  const systemd = new Systemd(project, Number(project.read('pid')))
  while (!(await isUp(systemd))) {
    assert.ok(performance.now() < giveUpAt && child.exitCode === null, `systemd did not come up\n${log()}`)
    await delay(50)
  }
  return systemd
}

/** Until systemd listens, systemctl fails. */
async function isUp(systemd: Systemd): Promise<boolean> {
  try {
    return (await systemd.systemctl('show', 'test.target', '--property=ActiveState')).includes('=active')
  } catch {
    return false
  }
}
