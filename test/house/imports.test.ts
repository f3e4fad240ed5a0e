import { readdirSync } from 'node:fs'
import { cruise, type IForbiddenRuleType, type IReporterOutput } from 'dependency-cruiser'
import { describe, expect, test } from 'vitest'

/** Who may import whom: DESIGN's table as rules. A folder may always import itself. */
const allowed: Readonly<Record<string, string>> = {
  audio: '',
  ops: '',
  twilio: 'audio|ops|errors\\.ts',
  speech: 'audio|ops|errors\\.ts|wire',
  hearing: 'audio|ops|errors\\.ts|wire',
  // What websockets share.
  wire: 'ops|errors\\.ts',
  call: 'audio|ops|errors\\.ts|hearing/recognizer\\.ts|speech/(provider|changing)\\.ts|twilio/(media-stream|statuses|errors)\\.ts',
  alerts: 'call|errors\\.ts|ops',
  flows: 'audio|call|hearing/recognizer\\.ts|errors\\.ts|ops|speech/(markup|provider)\\.ts',
  doctor: 'ops|errors\\.ts|http/paths\\.ts|hearing|speech|twilio',
  store: 'call/(records|outcome)\\.ts|errors\\.ts|ops',
  tunnel: 'errors\\.ts|ops',
  http: 'audio|ops|errors\\.ts|wire|twilio|speech|call|flows|alerts|tunnel',
  simulator: 'audio',
}

/** What DESIGN calls pure. */
const pure =
  '^src/(audio/(?!resample)|twilio/(media-stream|caller-audio|twiml|signature|webhooks|statuses|errors|sids|stream-url|answered-by)\\.ts|' +
  'speech/(sentences|sentence-stream|cut|markup|scripts|estimate|split|speakable|shortest-speech|plain-speech)\\.ts|wire/(socket-base|deepgram-errors|text-frame|binary-frame|frame-bounds|fast-path|masked-text)\\.ts|speech/async/(protocol|payload|repeated-audio|models|ending|errors|http-errors|quota-marker|streamed-audio|voice|voice-file)\\.ts|speech/cache/audio(-file)?\\.ts|speech/failover/(breaker|patience|sentence|errors)\\.ts|' +
  'speech/deepgram/(protocol|models|limits|errors|ending|text|book|habits)\\.ts|' +
  'hearing/(recognizer|backlog|sound-of|words)\\.ts|hearing/deepgram/(errors|protocol|transcript|packets|endpoints|flux/protocol|flux/turns)\\.ts|hearing/async/(encoder|ending|errors|protocol|sound|transcript)\\.ts|' +
  'call/(ledger|lead|keys|phrases|words|outcome|describe|spoken-by|phone-number)\\.ts|alerts/alert-list\\.ts|http/paths\\.ts|errors\\.ts)'

const rules: IForbiddenRuleType[] = [
  { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'errors-alone', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '^src/' } },
  {
    name: 'config-is-read-at-the-top',
    severity: 'error',
    from: {
      path: '^src/',
      pathNot:
        '^src/(main|app|answering|from-config|speech-from-config|hearing-from-config|serve|placing-rules|simulator/test-call)\\.ts$',
    },
    to: { path: '^src/config\\.ts$' },
  },
  {
    name: 'simulator-is-for-tests',
    severity: 'error',
    from: { path: '^(src/(?!simulator/)|scripts/(?!demo|simulator|measur|fuzz))' },
    to: { path: '^src/simulator/' },
  },
  {
    name: 'a-provider-knows-no-other',
    severity: 'error',
    from: { path: '^src/speech/([^/]+)/' },
    to: { path: '^src/speech/[^/]+/', pathNot: '^src/speech/$1/' },
  },
  {
    name: 'a-recognizer-knows-no-other',
    severity: 'error',
    from: { path: '^src/hearing/([^/]+)/' },
    to: { path: '^src/hearing/[^/]+/', pathNot: '^src/hearing/$1/' },
  },
  {
    name: 'fastify-stays-at-the-edge',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(http/|app(-contract)?\\.ts$)' },
    to: { path: 'node_modules/(@?fastify)' },
  },
  {
    name: 'ops-by-type-only',
    severity: 'error',
    from: { path: '^src/(twilio|speech|hearing|wire)/' },
    to: { path: '^src/ops/', dependencyTypesNot: ['type-only'] },
  },
  {
    // Codecs and rules: no socket, no file, no log, no clock by value.
    name: 'pure-files-touch-nothing',
    severity: 'error',
    from: { path: pure },
    to: {
      path: '^(node:)?(net|tls|http|https|dgram|dns|fs|fs/promises|child_process|worker_threads|timers|timers/promises|process|os)$|node_modules/(ws|pino|fastify|axios)/',
    },
  },
  {
    name: 'pure-files-take-no-clock',
    severity: 'error',
    from: { path: pure },
    to: { path: '^src/ops/', dependencyTypesNot: ['type-only'] },
  },
  ...Object.entries(allowed).map(
    ([folder, others]): IForbiddenRuleType => ({
      name: `${folder}-imports`,
      severity: 'error',
      // testCall runs the real server: the only file of the simulator that knows it.
      from: { path: `^src/${folder}/`, pathNot: '^src/simulator/test-call\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[`${folder}/`, others].filter(Boolean).join('|')})` },
    }),
  ),
]

async function violations(folders: string[], forbidden: IForbiddenRuleType[]) {
  const { output }: IReporterOutput = await cruise(folders, {
    ruleSet: { forbidden },
    validate: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json', '.node'], exportsFields: ['exports'] },
  })
  if (typeof output === 'string') throw new Error('expected the result as an object')
  return output
}

describe('import rules', () => {
  test('every folder imports only what the design allows, and nothing imports in a circle', async () => {
    const output = await violations(['src', 'scripts'], rules)
    // A cruiser that cannot read TypeScript finds no modules and is content with them.
    expect(output.modules.filter((module) => module.source.startsWith('src/')).length).toBeGreaterThan(30)
    expect(output.summary.totalDependenciesCruised).toBeGreaterThan(100)
    const found = output.summary.violations.map((found) => `${found.rule.name}: ${found.from} -> ${found.to}`)
    expect(found).toEqual([])
  })

  test('every folder has its rule, and every file that is called pure exists', async () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(allowed).sort())
    const output = await violations(['src'], [])
    const found = output.modules.filter((module) => new RegExp(pure).test(module.source))
    expect(found.length).toBeGreaterThan(25)
  })

  test('the check can fail: a rule against an import that exists is reported', async () => {
    const output = await violations(
      ['src'],
      [{ name: 'probe', severity: 'error', from: { path: '^src/app\\.ts$' }, to: { path: '^src/config\\.ts$' } }],
    )
    expect(output.summary.violations.map((found) => found.rule.name)).toEqual(['probe'])
  })
})
