import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromGunicorn } from '../../../../src/setup/migrate/gunicorn.ts'

/** The settings as `name: code`. */
function settingsOf(source: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fromGunicorn(source).parts.flatMap((part) => ('name' in part ? [[part.name, part.code] as const] : [])),
  )
}

const carried: readonly (readonly [source: string, name: string, code: string])[] = [
  [`bind = "0.0.0.0:8000"`, 'bind', `'0.0.0.0:8000'`],
  [`bind = ['127.0.0.1:1', "unix:/run/a.sock"]`, 'bind', `['127.0.0.1:1', 'unix:/run/a.sock']`],
  [`bind = (\n  "127.0.0.1:1", # first\n  "127.0.0.1:2",\n)`, 'bind', `['127.0.0.1:1', '127.0.0.1:2']`],
  ['workers = 4', 'workers', '4'],
  ['workers: int = 2 * 2 + 1', 'workers', '5'],
  ['import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1', 'workers', `'auto'`],
  ['workers = (2 * os.cpu_count()) + 1', 'workers', `'auto'`],
  [
    `workers = int(os.environ.get("WEB_CONCURRENCY", 2))`,
    'workers',
    `Number(process.env.WEB_CONCURRENCY ?? '2')`,
  ],
  [`bind = "0.0.0.0:" + os.environ.get("PORT", "8000")`, 'bind', "`0.0.0.0:${process.env.PORT ?? '8000'}`"],
  [`bind = f"0.0.0.0:{os.getenv('PORT', 8000)}"`, 'bind', "`0.0.0.0:${process.env.PORT ?? '8000'}`"],
  [`host = "127.0.0.1"\nbind = f'{host}:80'`, 'bind', `'127.0.0.1:80'`],
  ['timeout = 60 # seconds', 'timeout', '60'],
  ['timeout = 1\ntimeout = 1_20', 'timeout', '120'],
  ['umask = 0o007', 'umask', '7'],
  [`loglevel = "WARNING"`, 'loglevel', `'warn'`],
  [`accesslog = "-"`, 'accesslog', `'-'`],
  ['accesslog = None', 'accesslog', 'null'],
  [`raw_env = ["A=1", "B=x=y"]`, 'env', `{ A: '1', B: 'x=y' }`],
  [`proc_name = 'it\\'s ' "one"`, 'proc_name', `'it\\'s one'`],
  [`pidfile = r"/run/a.pid"`, 'pidfile', `'/run/a.pid'`],
  ['daemon = False', 'daemon', 'false'],
  ['proxy_protocol = True', 'proxy_protocol', `'auto'`],
  ['proxy_protocol = "v2"', 'proxy_protocol', `'auto'`],
  ['proxy_protocol = "off"', 'proxy_protocol', `'off'`],
  [`forwarded_allow_ips = "10.0.0.0/8,::1"`, 'forwarded_allow_ips', `'10.0.0.0/8,::1'`],
  [
    `secure_scheme_headers = {'X-FORWARDED-PROTO': 'https'}`,
    'secure_scheme_headers',
    `{ 'X-FORWARDED-PROTO': 'https' }`,
  ],
  [`chdir = """/srv"""`, 'chdir', `'/srv'`],
]

for (const [source, name, code] of carried) {
  test(`carries over ${JSON.stringify(source)}`, () => {
    assert.equal(settingsOf(source)[name], code)
  })
}

const lost: readonly (readonly [source: string, says: RegExp])[] = [
  [`worker_class = "gevent"`, /worker_class = "gevent".*expects/],
  ['preload_app = True', /preload_app = True/],
  [`wsgi_app = "shop.wsgi:app"`, /wsgi_app/],
  ['timeout = compute()', /timeout: a value that only Python can compute\n/],
  ['timeout = -1', /timeout = -1.*expects/],
  ['timeout = __import__("os").system("touch /tmp/x")', /only Python/],
  [
    'def post_fork(server, worker):\n    server.log.info("x")\n\n    pass',
    /the hook post_fork: .*\ndef post_fork/,
  ],
  ['@decorated\ndef helper():\n  return 1', /helper/],
  ['if DEBUG:\n    timeout = 9\nelse:\n    timeout = 8', /Python code\nif DEBUG:[^]*timeout = 8/],
  ['for x in y: pass', /Python code/],
]

for (const [source, says] of lost) {
  test(`tells ${JSON.stringify(source)}`, () => {
    const found = fromGunicorn(source)
    assert.deepEqual(found.parts, [])
    assert.match(found.lost.join('\n'), says)
  })
}

test('imports, comments, docstrings and empty lines say nothing', () => {
  const source = '"""The config."""\n# comment\nimport os\nfrom a import b\n\npass\n'
  assert.deepEqual(fromGunicorn(source), { parts: [], lost: [] })
  assert.deepEqual(fromGunicorn(''), { parts: [], lost: [] })
})

test('a file that is no Python is told, and never an error', () => {
  for (const source of ['{{{', 'workers = (', `bind = "open`, '\0', 'workers = = 3', 'a = b = 3'])
    assert.ok(Array.isArray(fromGunicorn(source).lost))
})
