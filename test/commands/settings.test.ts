import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as readAll } from 'node:stream/consumers'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { listen } from '../../src/simulator/http-server.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { checkout, freePort, run, start } from '../command.ts'
import { emulatorSettings, secrets } from '../world.ts'

const secondNumber = '+15005550007'
const secondVoice = '5bdbe9de-2b7d-4d7c-9c1a-0d3a1a7f6b52'
const apiKey = { sid: 'SK0123456789abcdef0123456789abcdef', secret: 'the-secret-of-the-api-key' }
let network: PhoneNetwork
let async: AsyncService
/** Stands before the REST API and keeps what was asked: who asked, and the form. */
const requests: { readonly user: string | undefined; readonly form: URLSearchParams }[] = []
const gate = createServer((request, response) => void passOn(request, response))

async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readAll(request)
  requests.push({ user: userOf(request.headers), form: new URLSearchParams(body) })
  const { authorization = '', 'content-type': type = 'text/plain' } = request.headers
  const answer = await fetch(network.url + (request.url ?? ''), {
    method: request.method ?? 'GET',
    headers: { authorization, 'content-type': type },
    ...(request.method === 'POST' ? { body } : {}),
  })
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
}
let gateUrl: string

function userOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return Buffer.from(authorization.split(' ')[1] ?? '', 'base64')
    .toString()
    .split(':')[0]
}

beforeAll(async () => {
  const numbers = [secrets.from, secondNumber]
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers, apiKeys: [apiKey] }
  network = await startPhoneNetwork({ account, behaviour: { amdDelayMs: 200 } })
  async = await startAsyncService({
    apiKey: secrets.asyncKey,
    voiceIds: ['e0f39dc4-f691-4e78-bba5-5c636692cc04', secondVoice],
  })
  gateUrl = await listen(gate, 0, '127.0.0.1')
})
afterAll(async () => {
  await async.close()
  await network.close()
  gate.closeAllConnections()
  gate.close()
})

async function startDeepgram() {
  const service = await startDeepgramService()
  return Object.assign(service, { [Symbol.asyncDispose]: () => service.close() })
}

async function settings(): Promise<Record<string, string>> {
  const port = String(await freePort())
  return {
    ...emulatorSettings(network, async),
    TWILIO_API_URL: gateUrl,
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }
}

/** What both services saw of the call to `to`, in which `text` was spoken. */
function seenOf(to: string, text: string) {
  const create = requests.find(({ form }) => form.get('To') === to)
  const spoken = async.received.find(({ kind, message }) => kind === 'text' && JSON.stringify(message).includes(text))
  const init = async.received.find(({ kind, connection }) => kind === 'init' && connection === spoken?.connection)
  return { user: create?.user, form: Object.fromEntries(create?.form ?? []), init: init?.message }
}

interface Case {
  readonly name: string
  /** Behind the number and the text; without the number where `toSetting` holds. */
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly dotenv?: Readonly<Record<string, string>>
  readonly toSetting?: boolean
  readonly form?: Readonly<Record<string, unknown>>
  readonly formWithout?: RegExp
  readonly init?: Readonly<Record<string, unknown>>
  readonly user?: string
}

const cases: readonly Case[] = [
  {
    name: 'nothing but what is needed',
    form: { From: secrets.from, Timeout: '60' },
    formWithout: /^(MachineDetection|AsyncAmd)/m,
    init: { voice: { mode: 'id', id: 'e0f39dc4-f691-4e78-bba5-5c636692cc04' }, model_id: 'async_flash_v1.5' },
    user: secrets.accountSid,
  },
  {
    name: '--from --voice --model --language --timeout',
    words: [
      '--from',
      secondNumber,
      '--voice',
      secondVoice,
      '--model',
      'async_flash_v1.0',
      '--language=de',
      '--timeout=1',
    ],
    form: { From: secondNumber, Timeout: '1' },
    init: { voice: { mode: 'id', id: secondVoice }, model_id: 'async_flash_v1.0', language: 'de' },
  },
  {
    name: 'the settings of the same, OUTBOUND_NUMBER, and INBOUND_NUMBER for our own',
    env: {
      TWILIO_FROM_NUMBER: '',
      INBOUND_NUMBER: secondNumber,
      ASYNC_VOICE_ID: secondVoice,
      ASYNC_MODEL_ID: 'async_flash_v1.0',
      ASYNC_LANGUAGE: 'fr',
      RING_TIMEOUT_MS: '600000',
    },
    toSetting: true,
    form: { From: secondNumber, Timeout: '600' },
    init: { voice: { mode: 'id', id: secondVoice }, model_id: 'async_flash_v1.0', language: 'fr' },
  },
  {
    name: 'MACHINE_DETECTION, and an API key that signs instead of the auth token',
    env: { MACHINE_DETECTION: 'on', TWILIO_API_KEY: apiKey.sid, TWILIO_API_SECRET: apiKey.secret },
    form: { MachineDetection: expect.any(String), AsyncAmd: 'true' },
    user: apiKey.sid,
  },
  {
    name: 'NAME=value beats .env, .env beats the environment, an option beats NAME=value, and empty is not given',
    env: { RING_TIMEOUT_MS: '11000', ASYNC_MODEL_ID: 'none-such', ASYNC_LANGUAGE: 'it', ASYNC_VOICE_ID: secondVoice },
    dotenv: { RING_TIMEOUT_MS: '12000', ASYNC_MODEL_ID: 'async_flash_v1.0', ASYNC_LANGUAGE: 'es', ASYNC_VOICE_ID: '' },
    words: ['RING_TIMEOUT_MS=13000', 'ASYNC_LANGUAGE=de', '--language', 'pt'],
    form: { Timeout: '13' },
    init: { voice: { mode: 'id', id: secondVoice }, model_id: 'async_flash_v1.0', language: 'pt' },
  },
]

describe.concurrent('every option and setting has its effect', () => {
  let numbers = 0
  const dial = ['node', 'scripts/dial.ts']
  const newNumber = () => `+155512347${String(++numbers).padStart(2, '0')}`

  test.each(cases)('$name', async ({ words = [], env = {}, dotenv = {}, toSetting = false, ...expected }) => {
    const to = newNumber()
    const text = `Case ${to.slice(-2)}.`
    network.phone(to, { answer: { afterMs: 100 } })
    const folder = checkout()
    writeFileSync(
      join(folder, '.env'),
      Object.entries(dotenv)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    const all = { ...(await settings()), ...env, ...(toSetting ? { OUTBOUND_NUMBER: to } : {}) }
    const { code, stdout } = await run([...dial, ...(toSetting ? [] : [to]), text, ...words], all, '', folder)
    rmSync(folder, { recursive: true })
    expect(stdout).toContain('heard (completed)')
    expect(code).toBe(0)
    const seen = seenOf(to, text)
    expect(seen.form).toMatchObject(expected.form ?? {})
    if (expected.formWithout) expect(Object.keys(seen.form).join('\n')).not.toMatch(expected.formWithout)
    expect(seen.init).toMatchObject(expected.init ?? {})
    if (expected.init && !('language' in expected.init)) expect(seen.init).not.toHaveProperty('language')
    if (expected.user !== undefined) expect(seen.user).toBe(expected.user)
  })

  test('ASYNC_VERSION is asked for, and a version that Async does not have is said', async () => {
    const to = newNumber()
    network.phone(to, { answer: { afterMs: 60_000 } })
    const { code, stdout } = await run([...dial, to, 'Hi.'], { ...(await settings()), ASYNC_VERSION: 'v2' })
    expect(stdout).toContain('ASYNC_VERSION')
    expect(code).toBe(1)
  })

  test('SPEECH_PROVIDERS=local speaks with the offline voice', async () => {
    const to = newNumber()
    network.phone(to, { answer: { afterMs: 100 } })
    const env = { ...(await settings()), SPEECH_PROVIDERS: 'local', ASYNC_API_KEY: '' }
    const { code, stdout } = await run([...dial, to, 'Hi.', '--json'], env)
    expect((JSON.parse(stdout) as Outcome).provider).toBe('local')
    expect(code).toBe(0)
  })

  test('SPEECH_PROVIDERS=deepgram@eu speaks with DEEPGRAM_VOICE and DEEPGRAM_API_KEY at DEEPGRAM_URL', async () => {
    await using service = await startDeepgram()
    const to = newNumber()
    network.phone(to, { answer: { afterMs: 100 } })
    const deepgram = { DEEPGRAM_URL: service.url, DEEPGRAM_API_KEY: service.apiKey, DEEPGRAM_VOICE: 'aura-2-apollo-en' }
    const env = { ...(await settings()), SPEECH_PROVIDERS: 'deepgram@eu', ...deepgram, ASYNC_API_KEY: '' }
    const { code, stdout } = await run([...dial, to, "Hi <break time='200ms'/> there. Bye.", '--json'], env)
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'deepgram@eu', heardText: 'Hi there. Bye.' })
    expect(service.spoken.map(({ model, text }) => [model, text.trim()])).toEqual([
      ['aura-2-apollo-en', 'Hi, there.'],
      ['aura-2-apollo-en', 'Bye.'],
    ])
    expect(service.faults).toEqual([])
    expect(code).toBe(0)
  })

  test('MAX_MESSAGE_CHARS is the longest text', async () => {
    const { code, stderr } = await run([...dial, newNumber(), 'Hello.'], {
      ...(await settings()),
      MAX_MESSAGE_CHARS: '5',
    })
    expect(stderr).toContain('at most 5 characters')
    expect(code).toBe(2)
  })

  test('PORT is where it listens, and LOG_LEVEL what it logs', async () => {
    const to = newNumber()
    network.phone(to, { answer: { afterMs: 60_000 } })
    const env = await settings()
    const running = start([...dial, to, 'Hi.', 'LOG_LEVEL=debug'], env)
    await running.printed('ringing')
    expect((await fetch(`${env['PUBLIC_URL']}/healthz`)).status).toBe(200)
    running.signal('SIGINT')
    expect((await running.finished).stderr).toContain('{"level":')
  })
})
