import { createServer } from 'node:net'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import { type Emulators, freePort, run, startEmulators } from '../command.ts'
import { aRecord } from '../contract/record-fixtures.ts'
import { rememberSpoken, secrets } from '../world.ts'

const text = 'Your order has shipped.'
const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

const quick = { answer: { afterMs: 100 } }
const dial = ['node', 'scripts/dial.ts']
const settings = () => emulators.settings()
/** A number for one test, so that the tests can run at the same time. */
let numbers = 0
const newNumber = () => `+155512345${String(++numbers).padStart(2, '0')}`
const callsTo = (to: string) => emulators.network.calls.filter((call) => call.to === to)

test('dialled calls are on record, and limits do not stand in the way of somebody who tries again and again', async () => {
  const to = newNumber()
  const env = await emulators.settings()
  const folder = env['DATA_DIR'] ?? ''
  const now = new Date().toISOString()
  for (let index = 0; index < 12; index++)
    writeFileSync(
      join(folder, `calls-99999999${index}-1-000000000001.jsonl`),
      `${JSON.stringify(aRecord(`c${index}`, { to, state: 'ended', createdAt: now, updatedAt: now }))}\n`,
    )
  emulators.network.phone(to, quick)
  expect((await run([...dial, to, text], env)).code).toBe(0)
  const kept = readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
  expect(kept).toHaveLength(1)
  expect(kept[0]).toContain('"status":"heard"')
  expect(kept[0]).toContain('"callId":"c11"')
})

test('what was said before is found on disk by the next dialler; --no-cache says it anew, and keeps nothing', async () => {
  const to = newNumber()
  const env = await emulators.settings()
  const words = 'This sentence is kept for the next call.'
  rememberSpoken(words)
  const times = () => emulators.async.spoken.filter(({ transcript }) => transcript.trim() === words).length
  const dialled = async (...more: string[]) => {
    emulators.network.phone(to, { answer: { afterMs: 1500 } })
    const { code, stdout } = await run([...dial, to, words, ...more], env)
    expect(code).toBe(0)
    return stdout
  }
  await dialled('--no-cache')
  expect(existsSync(join(env['DATA_DIR'] ?? '', 'speech-cache'))).toBe(false)
  expect(await dialled()).toMatch(/rendered +2\.4 s while it rings\n/)
  expect(times()).toBe(2)
  expect(await dialled()).toMatch(/rendered +2\.4 s while it rings\n/)
  expect(times()).toBe(2)
  await dialled('--no-cache')
  expect(times()).toBe(3)
})

describe.concurrent('npm run dial', () => {
  test('speaks, shows the call as it happens, and ends with 0 when all was heard', async () => {
    const to = newNumber()
    const phone = emulators.network.phone(to, quick)
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
    const to = newNumber()
    emulators.network.phone(to, quick)
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
    const to = newNumber()
    const phone = emulators.network.phone(to, quick)
    const file = join(folder, 'out.wav')
    const { code } = await run([...dial, to, text, '--save', file], await settings())
    expect(code).toBe(0)
    expect(
      readFileSync(file)
        .subarray(58, 58 + phone.heard.length)
        .equals(Buffer.from(phone.heard)),
    ).toBe(true)
  })

  test('--voicemail is what a mailbox records, whole and alone; 1, since nobody heard the text', async () => {
    const to = newNumber()
    const phone = emulators.network.phone(to, { answer: { voicemail: { afterMs: 100, greetingMs: 4_500 } } })
    rememberSpoken('We called.')
    const { code, stdout } = await run([...dial, to, text, '--voicemail', 'We called.', '--json'], await settings())
    const outcome = JSON.parse(stdout) as Outcome
    expect(outcome).toMatchObject({ status: 'voicemail', answeredBy: 'machine_end_beep' })
    expect(outcome.heardText).toBe('We called.')
    expect(phone.mailbox.some((byte) => byte !== 0xff)).toBe(true)
    expect(code).toBe(1)
  })

  test('a busy phone: 1, and the reason is printed', async () => {
    const to = newNumber()
    emulators.network.phone(to, { answer: 'busy' })
    const { code, stdout } = await run([...dial, to, text], await settings())
    expect(stdout).toMatch(/\nbusy\n$/)
    expect(code).toBe(1)
  })

  test('Async refuses the key: no phone goes on ringing, 1, and what to do is said', async () => {
    const to = newNumber()
    emulators.network.phone(to, { answer: { afterMs: 60_000 } })
    const wrong = { ...(await settings()), ASYNC_API_KEY: 'sk_wrong_key_0123456789' }
    const { code, stdout, stderr } = await run([...dial, to, text], wrong)
    // The refusal may come before Twilio is asked; then nobody is dialled at all.
    expect(callsTo(to).filter((call) => call.status !== 'canceled')).toEqual([])
    expect(stdout).toContain('ASYNC_API_KEY')
    expect(stdout + stderr).not.toContain('sk_wrong_key')
    expect(code).toBe(1)
  })

  test('Twilio refuses the number: 1, in words, with Twilio’s code', async () => {
    const to = newNumber()
    const { code, stdout } = await run([...dial, to, text, '--from', '+15005550099'], await settings())
    expect(stdout).toContain('21210')
    expect(code).toBe(1)
  })

  test('wrong words and settings: 2, all problems at once, and nobody is dialled', { timeout: 60_000 }, async () => {
    const to = newNumber()
    /** Nothing is wrong with these settings, but for `changed`; `undefined`: there are none. */
    const cases: [words: string[], changed: Record<string, string> | undefined, said: string[]][] = [
      [
        [to, text],
        undefined,
        ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM_NUMBER', 'ASYNC_API_KEY', 'NGROK_AUTHTOKEN'],
      ],
      [['5551234567', text], {}, ['country code']],
      [['+19005551234', text], {}, ['premium-rate']],
      [['+4930901820', text], {}, ['ALLOWED_COUNTRIES']],
      [[to, ''], {}, ['empty']],
      [[to, 'word '.repeat(20_000)], {}, ['100000', '20000']],
      [[to, 'Здравствуйте, ваш заказ отправлен.'], {}, ['Cyrillic', 'en']],
      [[to, text, '--language', 'ja'], {}, ['ja']],
      [[to, text, '--voice', 'x', '--language', 'klingon'], {}, ['--voice: expected', '--language: expected']],
      [[to, text, '--from', '555'], {}, ['(--from)', 'country code']],
      [[to, text], { TWILIO_FROM_NUMBER: '555' }, ['(TWILIO_FROM_NUMBER)', 'country code']],
      [[], {}, ['text']],
      [[to], { OUTBOUND_NUMBER: to }, ['Expected a text behind the number']],
      [[text], {}, ['whom to call', 'OUTBOUND_NUMBER']],
      [[text], { OUTBOUND_NUMBER: '555' }, ['(OUTBOUND_NUMBER)', 'country code']],
    ]
    const refuse = async ([words, changed, said]: (typeof cases)[number]) => {
      const env = changed && { ...(await settings()), ...changed }
      const { code, stderr } = await run([...dial, ...words], env)
      for (const part of said) expect(stderr).toContain(part)
      // The code closes its line, or stands alone below a list.
      expect(stderr).toMatch(/^([^\n]+ |[^\n]+(\n {2}[^\n]+)+\n)\[[a-z.-]+\]\n$/)
      expect(stderr.split('\n').filter((line) => line.startsWith('    at '))).toEqual([])
      expect(code).toBe(2)
    }
    // Not all at once: the calls of the other tests are played in this process, in real time.
    const waiting = cases.values()
    const lane = async () => {
      for (const one of waiting) await refuse(one)
    }
    await Promise.all([lane(), lane()])
    expect(callsTo(to)).toEqual([])
  })

  test('a port in use is said, with what to do', async () => {
    const to = newNumber()
    const blocker = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
    const { code, stderr } = await run([...dial, to, text], await emulators.settings(port))
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
    const to = newNumber()
    const known = await run([...dial, to, '?!', '--json'], await settings())
    expect(JSON.parse(known.stdout)).toMatchObject({
      callId: null,
      to,
      from: secrets.from,
      error: { code: 'text.empty' },
    })
    const called = { ...(await settings()), OUTBOUND_NUMBER: to, ASYNC_VOICE_ID: 'x' }
    const wrong = await run([...dial, to, text, '--json'], called)
    expect(JSON.parse(wrong.stdout)).toMatchObject({ callId: null, to, from: '', error: { code: 'config.invalid' } })
  })
})
