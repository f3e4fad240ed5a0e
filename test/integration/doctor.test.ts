import { createServer, type RequestListener } from 'node:http'
import { WebSocket } from 'ws'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Finding } from '../../src/doctor/finding.ts'
import { examineHearing } from '../../src/doctor/hearing.ts'
import { examinePublicAddress } from '../../src/doctor/public-address.ts'
import { examineAsync, examineDeepgram, examineSession } from '../../src/doctor/speech.ts'
import { examineTwilio } from '../../src/doctor/twilio.ts'
import { createAsyncRecognizer } from '../../src/hearing/async/recognizer.ts'
import { createDeepgramRecognizer } from '../../src/hearing/deepgram/recognizer.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { createDeepgramSpeech } from '../../src/speech/deepgram/provider.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { type DeepgramService, startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { signTrial, trialHeader } from '../../src/twilio/trial.ts'
import { freePort } from '../command.ts'
import { secrets, startWorld, type World } from '../world.ts'

const to = '+14155550100'

async function findings(examine: (tell: (finding: Finding) => void) => Promise<void>) {
  const all: Finding[] = []
  await examine((finding) => all.push(finding))
  for (const secret of [secrets.authToken, secrets.asyncKey, secrets.from, to])
    expect(JSON.stringify(all)).not.toContain(secret)
  return Object.fromEntries(all.map(({ check, ...rest }) => [check, rest]))
}

describe('Twilio', () => {
  let network: PhoneNetwork
  const apiKeys = [{ sid: `SK${'1'.repeat(32)}`, secret: 'secret-of-the-key' }]

  beforeEach(async () => {
    const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from], apiKeys }
    network = await startPhoneNetwork({ account })
  })
  afterEach(() => network.close())

  function look(more: Record<string, string> = {}, from: string | undefined = secrets.from, clock = systemClock) {
    const settings = {
      accountSid: secrets.accountSid,
      authToken: secrets.authToken,
      apiUrl: network.url,
      timeoutMs: 1000,
      ...more,
    }
    return findings((tell) => examineTwilio(tell, { settings, from, to }, clock))
  }

  test('a healthy account: every check is ok', async () => {
    const found = await look()
    expect(Object.entries(found).map(([check, { result }]) => [check, result])).toEqual([
      ['Twilio account', 'ok'],
      ['calling number', 'ok'],
      ['geo permission', 'ok'],
      ['clock', 'ok'],
    ])
    expect(found['geo permission']?.found).toContain('US')
  })

  test('a trial account fails, since its calls have no stream', async () => {
    network.behaviour.trial = true
    const found = await look()
    expect(found['Twilio account']).toMatchObject({ result: 'failed', todo: expect.stringContaining('Upgrade') })
    expect(found['Twilio account']?.found).toContain('<Stream>')
    expect(found['calling number']?.result).toBe('ok')
  })

  test('a wrong token fails, and what needs the account is not checked', async () => {
    const found = await look({ authToken: 'wrong' })
    expect(found['Twilio account']).toMatchObject({ result: 'failed', found: expect.stringContaining('20003') })
    for (const check of ['calling number', 'geo permission', 'clock']) expect(found[check]?.result).toBe('not checked')
  })

  test('an API key is checked beside the token, which signs webhooks all the same', async () => {
    const key = { apiKey: apiKeys[0]?.sid ?? '', apiSecret: 'secret-of-the-key' }
    expect((await look(key))['Twilio API key']?.result).toBe('ok')
    expect((await look({ ...key, apiSecret: 'wrong' }))['Twilio API key']?.result).toBe('failed')
    const found = await look({ ...key, authToken: 'wrong' })
    expect([found['Twilio account']?.result, found['Twilio API key']?.result]).toEqual(['failed', 'ok'])
  })

  test('the calling number: a stranger’s fails, a verified one will do, none is a warning', async () => {
    expect((await look({}, '+15005550099'))['calling number']?.result).toBe('failed')
    network.behaviour.verifiedNumbers = ['+15005550099']
    expect((await look({}, '+15005550099'))['calling number']?.found).toContain('verified')
    const settings = { accountSid: secrets.accountSid, authToken: secrets.authToken, apiUrl: network.url }
    const none = await findings((tell) =>
      examineTwilio(tell, { settings, from: undefined, to: undefined }, systemClock),
    )
    expect(none['calling number']?.result).toBe('warning')
    expect(none['geo permission']?.result).toBe('not checked')
  })

  test('a country that may not be called fails, with where to switch it on', async () => {
    network.behaviour.geoPermissions = ['+49']
    expect((await look())['geo permission']).toMatchObject({
      result: 'failed',
      todo: expect.stringContaining('Geo permissions'),
    })
  })

  test.each([-60_000, 60_000])('a clock that is off by %i ms is a warning', async (offMs) => {
    const clock = { ...systemClock, now: () => Date.now() + offMs }
    const { clock: found } = await look({}, secrets.from, clock)
    expect(found?.result).toBe('warning')
    expect(found?.found).toContain(offMs > 0 ? 'ahead of' : 'behind')
  })

  test('no answer, a page of HTML and a server that is not there are told apart from a refusal', async () => {
    for (const rest of [
      { kind: 'no-answer', processed: false },
      { kind: 'status', status: 503, body: 'html', processed: false },
    ] as const) {
      network.behaviour.rest = rest
      expect((await look())['Twilio account']).toMatchObject({
        result: 'failed',
        found: expect.stringContaining('no usable answer'),
      })
    }
    expect((await look({ apiUrl: 'http://127.0.0.1:1' }))['Twilio account']?.found).toContain('ECONNREFUSED')
  })
})

describe('Deepgram', () => {
  const apiKey = 'dg_secret_of_the_tests_0123456789'
  let service: DeepgramService
  beforeEach(async () => {
    service = await startDeepgramService({ apiKey })
  })
  afterEach(() => service.close())

  async function look(more: { apiKey?: string; voice?: string; url?: string; name?: string } = {}) {
    const speech = createDeepgramSpeech({ url: service.url, apiKey, ...more }, { clock: systemClock })
    const found = await findings((tell) => examineDeepgram(tell, speech, systemClock))
    expect(JSON.stringify(found)).not.toContain('secret')
    return found
  }

  test('a key that is accepted and a voice that exists; nothing is said', async () => {
    expect(await look()).toMatchObject({ 'Deepgram key and voice': { result: 'ok' } })
    expect(await look({ name: 'deepgram@eu' })).toMatchObject({ 'Deepgram in eu': { result: 'ok' } })
    expect(service.opened).toBe(2)
    expect(JSON.stringify(service.received)).not.toContain('Speak')
    expect(service.spoken).toEqual([])
  })

  test('a wrong key and a wrong voice fail by name', async () => {
    const wrongKey = (await look({ apiKey: 'dg_another_secret' }))['Deepgram key and voice']
    expect(wrongKey).toMatchObject({ result: 'failed', found: expect.stringContaining('DEEPGRAM_API_KEY') })
    const wrongVoice = (await look({ voice: 'aura-2-nobody-en' }))['Deepgram key and voice']
    expect(wrongVoice).toMatchObject({ result: 'failed', found: expect.stringContaining('DEEPGRAM_VOICE') })
  })
})

describe('hearing', () => {
  let service: DeepgramService
  beforeEach(async () => {
    service = await startDeepgramService({ apiKey: secrets.deepgramKey })
  })
  afterEach(() => service.close())

  async function look(more: Partial<Record<'apiKey' | 'model' | 'url', string>> = {}) {
    const good = { url: service.url, apiKey: secrets.deepgramKey, model: 'nova-3' }
    const recognizer = createDeepgramRecognizer({ ...good, ...more }, { clock: systemClock })
    return (await findings((tell) => examineHearing(tell, recognizer, { clock: systemClock, declined: false })))[
      'hearing'
    ]
  }

  test('a recognizer that would listen: a connection is opened, and closed without a sound', async () => {
    expect(await look()).toMatchObject({ result: 'ok', found: expect.stringContaining('deepgram') })
    expect(service.listening.sockets.map(({ audioBytes }) => audioBytes)).toEqual([0])
    await expect.poll(() => service.listening.sockets.map(({ open }) => open)).toEqual([false])
    expect(service.listening.faults).toEqual([])
  })

  test('turns, and Async: a connection is opened, and closed without a sound', async () => {
    expect(await look({ model: 'flux-general-en' })).toMatchObject({ result: 'ok' })
    expect(service.turns.sockets.map(({ audioBytes }) => audioBytes)).toEqual([0])
    const async = await startAsyncService({ apiKey: secrets.asyncKey })
    onTestFinished(() => async.close())
    async function lookAsync(apiKey: string) {
      const recognizer = createAsyncRecognizer({ url: async.url, apiKey }, { clock: systemClock })
      const found = await findings((tell) => examineHearing(tell, recognizer, { clock: systemClock, declined: false }))
      return found['hearing']
    }
    expect(await lookAsync(secrets.asyncKey)).toMatchObject({ result: 'ok', found: expect.stringContaining('async') })
    expect(async.listening.sockets.map(({ audioBytes }) => audioBytes)).toEqual([0])
    const refused = await lookAsync('sk_another_secret')
    expect(refused).toMatchObject({ result: 'failed', found: expect.stringContaining('ASYNC_API_KEY') })
    expect(refused?.found).not.toContain('another_secret')
  })

  test('a wrong key, a wrong model and a service that is not there fail by name', async () => {
    for (const [more, named] of [
      [{ apiKey: 'dg_another_secret' }, 'DEEPGRAM_API_KEY'],
      [{ model: 'no-such-model' }, 'HEARING_MODEL'],
      [{ url: `http://127.0.0.1:${await freePort()}` }, 'DEEPGRAM_URL'],
    ] as const) {
      const found = await look(more)
      expect(found).toMatchObject({ result: 'failed', found: expect.stringContaining(named) })
      expect(found?.found).not.toContain('another_secret')
    }
  })

  test('no recognizer is no fault; where nothing was said of it, what to do is told', async () => {
    for (const declined of [false, true]) {
      const found = await findings((tell) => examineHearing(tell, undefined, { clock: systemClock, declined }))
      expect(found['hearing']).toMatchObject({ result: 'not checked', found: expect.stringContaining('keys only') })
      expect(found['hearing']?.todo !== undefined).toBe(!declined)
    }
  })
})

describe('Async', () => {
  let service: AsyncService
  beforeEach(async () => {
    service = await startAsyncService({ apiKey: secrets.asyncKey })
  })
  afterEach(() => service.close())

  function look(more: Partial<Record<'apiKey' | 'voiceId' | 'language' | 'url', string>> = {}) {
    const good = { url: service.url, apiKey: secrets.asyncKey, version: 'v1', voiceId: service.voiceId }
    return findings((tell) => examineAsync(tell, { language: undefined, ...good, ...more }))
  }

  test('a key that is accepted and a voice that exists', async () => {
    expect(await look()).toMatchObject({ 'Async API': { result: 'ok' }, 'Async key and voice': { result: 'ok' } })
    expect(service.opened).toBe(0)
  })

  test.each(['flat', 'detail'] as const)('a wrong key and a wrong voice fail by name (errors: %s)', async (form) => {
    service.behaviour.httpErrorForm = form
    const wrongKey = (await look({ apiKey: 'sk_wrong_key_0000000' }))['Async key and voice']
    expect(wrongKey).toMatchObject({ result: 'failed', found: expect.stringContaining('ASYNC_API_KEY') })
    expect(wrongKey?.found).not.toContain('0000')
    const wrongVoice = (await look({ voiceId: 'c0ffee' }))['Async key and voice']
    expect(wrongVoice).toMatchObject({ result: 'failed', found: expect.stringContaining('ASYNC_VOICE_ID') })
  })

  test('a language that the voice is not made for is a warning', async () => {
    expect((await look({ language: 'de' }))['Async key and voice']?.result).toBe('ok')
    expect((await look({ language: 'ja' }))['Async key and voice']?.result).toBe('warning')
  })

  test('a service that is not there fails, and its voices are not checked', async () => {
    const found = await look({ url: `http://127.0.0.1:${await freePort()}` })
    expect(found['Async API']).toMatchObject({ result: 'failed', found: expect.stringContaining('ECONNREFUSED') })
    expect(found['Async key and voice']?.result).toBe('not checked')
  })

  test('a session becomes ready without a word being spoken, or says why not', async () => {
    const session = (apiKey: string) => {
      const settings = { url: service.url, apiKey, voiceId: service.voiceId, modelId: 'async_flash_v1.5' }
      const speech = createAsyncSpeech(settings, { clock: systemClock })
      return findings((tell) => examineSession(tell, speech, systemClock))
    }
    expect((await session(secrets.asyncKey))['speech session']?.result).toBe('ok')
    expect((await session('sk_wrong'))['speech session']).toMatchObject({
      result: 'failed',
      found: expect.stringContaining('ASYNC_API_KEY'),
    })
    expect(service.spoken).toEqual([])
    expect(service.connections).toBe(0)
  })
})

describe('the public address', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ real: true })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const look = (publicUrl: string, authToken: string = secrets.authToken) =>
    findings((tell) => examinePublicAddress(tell, { publicUrl, authToken }, systemClock))
  const results = (found: Awaited<ReturnType<typeof look>>) => Object.values(found).map(({ result }) => result)

  async function elsewhere(answer: RequestListener): Promise<AsyncDisposable & { url: string }> {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return {
      url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  test('our own server: healthy, opens to a signature of Twilio’s, refuses a forged one', async () => {
    const before = { ...world.app.refusals.counts }
    expect(results(await look(world.publicUrl))).toEqual(['ok', 'ok', 'ok'])
    // Its forged handshake is no stranger's.
    expect(world.app.refusals.counts).toEqual({ ...before, 'no-start': before['no-start'] })
  })

  test('who has only the address is counted, whatever is written into the header of the trial', async () => {
    const before = world.app.refusals.counts['unsigned-handshake']
    const marks = ['1', 'yes', signTrial('not-the-token', systemClock.now())]
    for (const mark of marks) {
      const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
      const socket = new WebSocket(url, { headers: { [trialHeader]: mark } })
      await new Promise((resolve) => socket.once('error', resolve))
    }
    expect(world.app.refusals.counts['unsigned-handshake'] - before).toBe(marks.length)
    // And with the mark of who has the token the door stays closed.
    const socket = new WebSocket(`${world.publicUrl.replace('http', 'ws')}/twilio/media`, {
      headers: { [trialHeader]: signTrial(secrets.authToken, systemClock.now()) },
    })
    const refused = await new Promise((resolve) => socket.once('error', resolve))
    expect(String(refused)).toContain('403')
  })

  test('a server with another auth token refuses what should be a good signature', async () => {
    const found = await look(world.publicUrl, 'another-token')
    expect(found['media websocket']).toMatchObject({ result: 'failed', todo: expect.stringContaining('auth token') })
  })

  test('an address that leads nowhere, or to something else, fails, and the websocket is not tried', async () => {
    expect(results(await look(`http://127.0.0.1:${await freePort()}`))).toEqual([
      'failed',
      'not checked',
      'not checked',
    ])
    await using other = await elsewhere((_request, response) => void response.end('<html>hello</html>'))
    expect(results(await look(other.url))).toEqual(['failed', 'not checked', 'not checked'])
  })

  test('a proxy that does not pass upgrades on is told, with what to do', async () => {
    await using proxy = await elsewhere((request, response) => {
      if (request.url === '/healthz') response.end('{"status":"ok"}')
      else response.writeHead(426).end()
    })
    const found = await look(proxy.url)
    expect(found['media websocket']).toMatchObject({ result: 'failed', todo: expect.stringContaining('proxy') })
    expect(found['media websocket, forged']?.result).toBe('failed')
  })
})
