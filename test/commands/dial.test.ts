import { createServer } from 'node:net'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { aRecord } from '../contract/record-fixtures.ts'
import { emulatorSettings, freePort, run, start } from '../command.ts'
import { secrets } from '../world.ts'

const to = '+15551234567'
const text = 'Your order has shipped.'
const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
let network: PhoneNetwork
let async: AsyncService

beforeAll(async () => {
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from] }
  network = await startPhoneNetwork({ account })
  async = await startAsyncService({ apiKey: secrets.asyncKey })
})
afterAll(async () => {
  await async.close()
  await network.close()
})

const quick = { answer: { afterMs: 100 } }
const dial = ['node', 'scripts/dial.ts']
const settings = async () => emulatorSettings({ network, async }, await freePort())

test('dialled calls are on record, and limits do not stand in the way of somebody who tries again and again', async () => {
  const env = await settings()
  const folder = env['DATA_DIR'] ?? ''
  for (let index = 0; index < 12; index++)
    writeFileSync(
      join(folder, `calls-99999999${index}-1-000000000001.jsonl`),
      `${JSON.stringify(aRecord(`c${index}`, { to, createdAt: new Date().toISOString() }))}\n`,
    )
  network.phone(to, quick)
  expect((await run([...dial, to, text], env)).code).toBe(0)
  const kept = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  expect(kept).toHaveLength(1)
  expect(kept[0]).toContain('"status":"heard"')
  expect(kept[0]).toContain('"callId":"c11"')
})

describe('npm run dial', () => {
  test('speaks, shows the call as it happens, and ends with 0 when all was heard', async () => {
    const phone = network.phone(to, quick)
    const { code, stdout, stderr } = await run(['npm', 'run', '--silent', 'dial', '--', to, text], await settings())
    for (const step of ['dialling', 'ringing', 'answered', 'speaking', 'heard', 'hung up'])
      expect(stdout).toContain(step)
    expect(stdout).toMatch(/first audio \d+ ms after the answer/)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^heard \(completed\)/)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(phone.heardMs).toBeGreaterThan(1000)
  })

  test('--json prints exactly one object, the outcome, on standard output and all else on standard error', async () => {
    network.phone(to, quick)
    const { code, stdout, stderr } = await run([...dial, to, '-', '--json'], await settings(), `${text}\n`)
    const outcome = JSON.parse(stdout) as Outcome
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(outcome).toMatchObject({ to, from: secrets.from, status: 'heard', heardText: text, error: null })
    for (const field of [
      'callId',
      'callSid',
      'reason',
      'heardMs',
      'sentMs',
      'provider',
      'answeredToFirstAudioMs',
      'startedAt',
      'endedAt',
    ])
      expect(outcome).toHaveProperty(field)
    expect(stderr).toContain('dialling')
    expect(code).toBe(0)
  })

  test('--save keeps what was heard, byte for byte what the phone played', async () => {
    const phone = network.phone(to, quick)
    const file = join(folder, 'out.wav')
    const { code } = await run([...dial, to, text, '--save', file], await settings())
    expect(code).toBe(0)
    expect(
      readFileSync(file)
        .subarray(58, 58 + phone.heard.length)
        .equals(Buffer.from(phone.heard)),
    ).toBe(true)
  })

  test('a busy phone: 1, and the reason is printed', async () => {
    network.phone(to, { answer: 'busy' })
    const { code, stdout } = await run([...dial, to, text], await settings())
    expect(stdout).toContain('busy')
    expect(code).toBe(1)
  })

  test('Ctrl-C hangs up first: 130', async () => {
    const phone = network.phone(to, { answer: { afterMs: 60_000 } })
    const running = start([...dial, to, text], await settings())
    await running.printed('ringing')
    running.signal('SIGINT')
    const { code, stdout } = await running.finished
    await phone.ended
    expect(stdout).toContain('canceled (cancelled)')
    expect(code).toBe(130)
    expect(network.calls.at(-1)?.status).toBe('canceled')
  })

  test('Async refuses the key: the phone stops ringing, 1, and what to do is said', async () => {
    network.phone(to, { answer: { afterMs: 60_000 } })
    const wrong = { ...(await settings()), ASYNC_API_KEY: 'sk_wrong_key_0123456789' }
    const { code, stdout, stderr } = await run([...dial, to, text], wrong)
    expect(network.calls.at(-1)?.status).toBe('canceled')
    expect(stdout).toContain('ASYNC_API_KEY')
    expect(stdout + stderr).not.toContain('sk_wrong_key')
    expect(code).toBe(1)
  })

  test('Twilio refuses the number: 1, in words, with Twilio’s code', async () => {
    const { code, stdout } = await run([...dial, to, text, '--from', '+15005550099'], await settings())
    expect(stdout).toContain('21210')
    expect(code).toBe(1)
  })

  test('wrong words and settings: 2, all problems at once, and nobody is dialled', async () => {
    const before = network.calls.length
    const good = await settings()
    const cases: [words: string[], env: Record<string, string>, said: string[]][] = [
      [
        [to, text],
        {},
        ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM_NUMBER', 'ASYNC_API_KEY', 'NGROK_AUTHTOKEN'],
      ],
      [['5551234567', text], good, ['country code']],
      [['+19005551234', text], good, ['premium-rate']],
      [['+4930901820', text], good, ['ALLOWED_COUNTRIES']],
      [[to, ''], good, ['empty']],
      [[to, '?!'], good, ['words']],
      [[to, 'word '.repeat(20_000)], good, ['100000', '20000']],
      [[to, 'Здравствуйте, ваш заказ отправлен.'], good, ['Cyrillic', 'en']],
      [[to, text, '--language', 'ja'], good, ['ja']],
      [[to, text, '--voice', ' '], { ...good, ASYNC_VOICE_ID: 'none' }, ['ASYNC_VOICE_ID']],
      [[to, text, '--colour'], good, ['--help']],
      [[], good, ['text']],
    ]
    for (const [words, env, said] of cases) {
      const { code, stderr } = await run([...dial, ...words], env)
      for (const part of said) expect(stderr).toContain(part)
      expect(stderr.split('\n').filter((line) => line.startsWith('    at '))).toEqual([])
      expect(code).toBe(2)
    }
    expect(network.calls.length).toBe(before)
  })

  test('a port in use is said, with what to do', async () => {
    const blocker = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
    const { code, stderr } = await run([...dial, to, text], emulatorSettings({ network, async }, port))
    expect(stderr).toContain(`port ${port}`)
    expect(code).toBe(2)
    await new Promise((resolve) => blocker.close(resolve))
  })

  test('--help shows examples', async () => {
    const { code, stdout } = await run([...dial, '--help'])
    expect(stdout).toContain('Examples')
    expect(code).toBe(0)
  })

  test('a failure before the call is an object for --json too', async () => {
    const { code, stdout } = await run([...dial, 'nobody', text, '--json'], await settings())
    expect(JSON.parse(stdout)).toMatchObject({ callId: null, status: 'failed', error: { code: 'number.invalid' } })
    expect(code).toBe(2)
  })
})
