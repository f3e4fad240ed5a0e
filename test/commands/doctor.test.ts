import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Finding } from '../../src/doctor/finding.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { type Emulators, run, start, startEmulators } from '../command.ts'
import { secrets } from '../world.ts'

const to = '+14155550100'
const doctor = ['node', 'scripts/doctor.ts']
let emulators: Emulators
let network: Emulators['network']
let async: Emulators['async']
let settings: Record<string, string>

beforeAll(async () => {
  emulators = await startEmulators()
  network = emulators.network
  async = emulators.async
})
afterAll(() => emulators.close())
beforeEach(async () => {
  settings = await emulators.settings()
})

interface Report {
  ok: boolean
  findings: Finding[]
}

describe('npm run doctor', () => {
  test('all is well: one line for each check, 0, and nobody was dialled', async () => {
    const { code, stdout, stderr } = await run(['npm', 'run', '--silent', 'doctor', '--', to], settings)
    const lines = stdout.trim().split('\n')
    expect(lines.at(-1)).toBe('Nothing failed.')
    // On a machine that is busy with other tests the session may be called slow; that is a warning.
    expect(
      lines.filter((line) => /^(ok|warning|not checked) /.test(line)).map((line) => line.slice(13, 37).trim()),
    ).toEqual([
      'settings',
      'Twilio account',
      'calling number',
      'geo permission',
      'clock',
      'Async API',
      'Async key and voice',
      'hearing',
      'speech session',
      'public address',
      'media websocket',
      'media websocket, forged',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(network.calls).toEqual([])
    expect(async.spoken).toEqual([])
  })

  test('what is wrong is told all at once, as JSON too: 1', async () => {
    network.behaviour.trial = true
    network.behaviour.geoPermissions = []
    const wrong = { ...settings, ASYNC_API_KEY: 'sk_wrong_key_0123456789' }
    const { code, stdout, stderr } = await run([...doctor, to, '--json'], wrong)
    network.behaviour.trial = false
    network.behaviour.geoPermissions = 'all'
    const report = JSON.parse(stdout) as Report
    expect(report.ok).toBe(false)
    expect(report.findings.filter(({ result }) => result === 'failed').map(({ check }) => check)).toEqual([
      'Twilio account',
      'geo permission',
      'Async key and voice',
      'speech session',
    ])
    for (const secret of ['sk_wrong', secrets.authToken, to, secrets.from])
      expect(stdout + stderr).not.toContain(secret)
    expect(code).toBe(1)
  })

  test('settings that are missing are told one by one, and the rest is not checked', async () => {
    const { code, stdout } = await run([...doctor, '--json'], {})
    const { findings } = JSON.parse(stdout) as Report
    const settingsFound = findings.filter(({ check }) => check === 'settings').map(({ found }) => found)
    for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'ASYNC_API_KEY', 'NGROK_AUTHTOKEN'])
      expect(settingsFound.filter((found) => found.startsWith(`${name}: missing`))).toHaveLength(1)
    expect(findings.at(-1)?.result).toBe('not checked')
    expect(code).toBe(1)
  })

  test('a server that runs already is the one that is looked at, and runs on', async () => {
    const server = start(['node', 'src/main.ts'], settings)
    await server.printed('callbridge listens')
    const { code, stdout } = await run([...doctor, '--json'], settings)
    const { findings } = JSON.parse(stdout) as Report
    expect(findings.filter(({ check }) => check.startsWith('media websocket')).map(({ result }) => result)).toEqual([
      'ok',
      'ok',
    ])
    expect(code).toBe(0)
    // Nothing says "not checked" of what is looked at.
    expect(findings.find(({ check }) => check === 'server')?.result).toBe('ok')
    const metrics = await (await fetch(`${settings['PUBLIC_URL']}/metrics`)).text()
    expect(metrics).not.toMatch(/unsigned-handshake"\} [1-9]/)
    expect((await fetch(`${settings['PUBLIC_URL']}/healthz`)).status).toBe(200)
    server.signal('SIGTERM')
    expect((await server.finished).code).toBe(0)
  })

  test('the offline voice is tried where it is the provider, and Async left alone', async () => {
    const { code, stdout } = await run([...doctor, '--json', 'SPEECH_PROVIDERS=local'], settings)
    const { findings } = JSON.parse(stdout) as Report
    expect(findings.map(({ check }) => check)).not.toContain('Async API')
    expect(findings.find(({ check }) => check === 'speech session')?.found).toContain('local')
    expect(code).toBe(0)
  })

  test('Deepgram is looked at where a key is set, in the list of providers or not, and not a word is said', async () => {
    const service = await startDeepgramService()
    onTestFinished(() => service.close())
    const deepgram = { ...settings, DEEPGRAM_URL: service.url, DEEPGRAM_API_KEY: service.apiKey }
    for (const [words, checks] of [
      [[], ['Deepgram key and voice']],
      [['SPEECH_PROVIDERS=local,deepgram,deepgram@eu'], ['Deepgram key and voice', 'Deepgram in eu']],
    ] as const) {
      const { code, stdout } = await run([...doctor, '--json', ...words], deepgram)
      const { findings } = JSON.parse(stdout) as Report
      const found = findings.filter(({ check }) => check.startsWith('Deepgram'))
      expect(found.map(({ check, result }) => [check, result])).toEqual(checks.map((check) => [check, 'ok']))
      expect(findings.find(({ check }) => check === 'hearing')?.result).toBe('ok')
      expect(stdout).not.toContain(service.apiKey)
      expect(code).toBe(0)
    }
    expect(service.listening.sockets.map(({ audioBytes, open }) => [audioBytes, open])).toEqual([
      [0, false],
      [0, false],
    ])
    const { code, stdout } = await run([...doctor], { ...deepgram, DEEPGRAM_API_KEY: 'dg_wrong_key' })
    expect(stdout).toMatch(/failed +Deepgram key and voice .*DEEPGRAM_API_KEY/)
    expect(stdout).not.toContain('dg_wrong_key')
    expect(code).toBe(1)
    expect(service.spoken).toEqual([])
  })

  test('words it does not know: 2', async () => {
    for (const words of [['--colour'], ['5551234567'], [to, to]]) {
      const { code, stdout, stderr } = await run([...doctor, ...words], settings)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/\[(usage|number)\.invalid\]/)
    }
    const { code, stdout } = await run([...doctor, '--help'])
    expect([code, stdout.includes('NUMBER')]).toEqual([0, true])
  })
})
