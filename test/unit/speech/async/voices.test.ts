import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mulawWav } from '../../../../src/audio/wav.ts'
import { asBridgeError } from '../../../../src/errors.ts'
import { type AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import { startAsyncService } from '../../../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { audioKind, audioMs } from '../../../../src/speech/async/voice-file.ts'
import { createAsyncVoices, type VoiceFilter } from '../../../../src/speech/async/voices.ts'

async function start(behaviour: Partial<AsyncBehaviour> = {}) {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock, behaviour })
  onTestFinished(() => service.close())
  const { url, apiKey } = service
  const voices = createAsyncVoices({ url, apiKey, version: 'v1' }, { clock })
  const names = async (filter: VoiceFilter, pageSize = 3, after?: string) => {
    const found: string[] = []
    for await (const page of voices.pages(filter, { pageSize, after }))
      found.push(...page.voices.map((voice) => voice.name))
    return found
  }
  return { clock, service, voices, names, run: <T>(promise: Promise<T>) => clock.runUntil(promise) }
}

/** A server that answers everything as it is told. */
async function answering(answer: RequestListener) {
  const clock = createSteppedClock()
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { clock, url, voices: createAsyncVoices({ url, apiKey: 'sk_key', version: 'v1' }, { clock }) }
}

const speech = (seconds: number) => mulawWav(new Uint8Array(8000 * seconds).fill(0x20))

describe('a list', () => {
  test.each(['empty', 'repeated'] as const)(
    'goes on from page to page, and ends where the cursor is %s',
    async (lastCursor) => {
      const { names, run, service } = await start({ lastCursor })
      const all = service.voices.map((voice) => voice.name)
      for (const pageSize of [1, 3, 7, 100]) expect(await run(names({}, pageSize))).toEqual(all)
      expect(service.faults).toEqual([])
    },
  )

  test('is narrowed by every filter under its name on the wire', async () => {
    const { names, run, service } = await start()
    const filter = {
      modelId: 'async_flash_v1.5',
      language: 'en',
      accent: 'American',
      gender: 'Female',
      style: 'calm',
    } as const
    expect(await run(names(filter))).toEqual(['Ada'])
    expect(await run(names({ mine: true }))).toEqual(['My voice 1', 'My voice 2'])
    expect(service.voiceRequests[0]?.body).toEqual({
      model_id: 'async_flash_v1.5',
      language: 'en',
      accent: 'American',
      gender: 'Female',
      style: 'calm',
      limit: 3,
    })
    expect(service.voiceRequests.at(-1)?.body).toEqual({ my_voice: true, limit: 3 })
    expect(service.faults).toEqual([])
  })

  test('may begin behind a voice', async () => {
    const { names, run, service } = await start()
    const after = service.voices[4]?.voice_id
    expect(await run(names({}, 100, after))).toEqual(['My voice 1', 'My voice 2'])
  })

  test('that never ends is left when its cursors come again, and when there is nothing on a page', async () => {
    let pages = 0
    const { clock, voices } = await answering((_request, response) => {
      const cursor = ['a', 'b', 'a', 'b'][pages++ % 4]
      response.end(JSON.stringify({ voices: [{ voice_id: 'v' }], next_cursor: cursor }))
    })
    const count = async () => {
      let found = 0
      for await (const page of voices.pages({})) found += page.voices.length
      return found
    }
    expect(await clock.runUntil(count())).toBe(3)
  })

  test('tells voices in full, and leaves out what is none', async () => {
    const odd = [
      null,
      1,
      { name: 'no id' },
      { voice_id: 7 },
      { voice_id: 'v', name: 5, language: 'de, en,', voice_type: 'NEW' },
    ]
    const { clock, voices } = await answering((_request, response) => {
      response.end(JSON.stringify(odd))
    })
    expect(await clock.runUntil(voices.batch(['v']))).toEqual([
      {
        voiceId: 'v',
        name: '',
        description: '',
        languages: ['de', 'en'],
        gender: '',
        accent: '',
        styles: [],
        createdAt: '',
        updatedAt: '',
        type: 'unknown',
      },
    ])
  })
})

describe('one voice', () => {
  test('is told, changed and removed', async () => {
    const { voices, run, service } = await start()
    const own = service.voices.at(-1)?.voice_id ?? ''
    expect(await run(voices.get(own))).toMatchObject({ voiceId: own, type: 'custom', languages: ['en'] })
    await run(voices.update(own, { name: 'Renamed', style: 'calm,low', gender: 'Male' }))
    expect(await run(voices.get(own))).toMatchObject({ name: 'Renamed', styles: ['calm', 'low'], gender: 'Male' })
    await run(voices.remove(own))
    expect(await run(voices.get(own).catch(asBridgeError))).toMatchObject({ details: { asyncCode: 'VOICE_NOT_FOUND' } })
    expect(service.faults).toEqual([])
  })

  test('has an id that leads nowhere else, or is refused before anything is sent', async () => {
    const { voices, service } = await start()
    for (const id of ['', '.', '..', 'a/b', 'a?b', 'ä', ' ', 'x'.repeat(101)])
      await expect(voices.remove(id)).rejects.toMatchObject({ code: 'voice.invalid' })
    expect(service.voiceRequests).toEqual([])
  })

  test('has a preview, which is loaded without the key', async () => {
    const { voices, run, service } = await start()
    const file = await run(voices.preview(service.voiceId))
    expect(audioKind(file)).toBe('wav')
    expect(audioMs(file)).toBeGreaterThan(1000)
    const headers: unknown[] = []
    const {
      clock,
      url,
      voices: others,
    } = await answering((request, response) => {
      headers.push(request.headers['x-api-key'])
      response.end(headers.length === 1 ? JSON.stringify({ signed_url: `${url}/file` }) : 'audio')
    })
    expect(Buffer.from(await clock.runUntil(others.preview('v'))).toString()).toBe('audio')
    expect(headers).toEqual(['sk_key', undefined])
  })

  test.each([undefined, 7, 'file:///etc/passwd', 'ftp://x', 'nothing'])('has no preview at %s', async (signed_url) => {
    const { clock, voices } = await answering((_request, response) => {
      response.end(JSON.stringify({ signed_url }))
    })
    expect(await clock.runUntil(voices.preview('v').catch(asBridgeError))).toMatchObject({ code: 'speech.refused' })
  })

  test('has a preview that cannot be loaded: that is told, not the key blamed', async () => {
    const { clock, url, voices } = await answering((request, response) => {
      if (request.url === '/gone') response.writeHead(403).end()
      else response.end(JSON.stringify({ signed_url: `${url}/gone` }))
    })
    const error = await clock.runUntil(voices.preview('v').catch(asBridgeError))
    expect(error).toMatchObject({ code: 'speech.unavailable', message: /preview.*403/ })
  })
})

describe('a clone', () => {
  test('is uploaded as a form, told as it goes, and comes back as a voice', async () => {
    const { voices, run, service } = await start()
    const told: [number, number][] = []
    const bytes = speech(60)
    const described = {
      name: 'Me',
      description: 'My own',
      accent: 'Irish',
      gender: 'Female',
      style: 'calm',
      enhance: true,
    } as const
    const made = await run(voices.clone({ bytes, name: 'me.wav' }, described, (...sent) => told.push(sent)))
    expect(made).toMatchObject({ name: 'Me', description: 'My own' })
    expect(service.voices.at(-1)).toMatchObject({
      voice_id: made.voiceId,
      accent: 'Irish',
      gender: 'Female',
      style: 'calm',
    })
    expect(service.voiceRequests[0]?.body).toEqual({ ...described, enhance: 'true', audio: bytes.length })
    const [, total = 0] = told[0] ?? []
    expect(told.length).toBeGreaterThan(5)
    expect(told.map(([sent]) => sent)).toEqual(told.map(([sent]) => sent).toSorted((one, other) => one - other))
    expect(told.at(-1)).toEqual([total, total])
    expect(service.faults).toEqual([])
  })

  test.each([
    ['something else', Buffer.from('hello'), /WAV, MP3, FLAC or AIFF/],
    ['an Ogg file', Buffer.from('OggS.............'), /WAV, MP3, FLAC or AIFF/],
    ['a file that is too large', speech(1400), /at most 10 MB; 10\.7 MB came/],
    ['a recording that is too short', speech(2), /at least 3 s of speech; the file has 2\.0 s/],
  ])('of %s is refused before it is uploaded', async (_what, bytes, message) => {
    const { voices, service } = await start()
    const cloning = voices.clone({ bytes, name: 'x' }, { name: 'Me' })
    await expect(cloning).rejects.toMatchObject({ code: 'usage.invalid', message })
    expect(service.voiceRequests).toEqual([])
  })
})

describe('the length of a file', () => {
  test('is read from the header of WAV and FLAC, and of nothing else', () => {
    expect(audioMs(speech(5))).toBe(5000)
    expect(audioMs(speech(5).subarray(0, 8058))).toBe(1000)
    const flac = Buffer.alloc(42)
    flac.write('fLaC\0\0\0\x22', 'latin1')
    flac.writeUInt32BE((44_100 << 12) >>> 0, 18)
    flac.writeUInt32BE(88_200, 22)
    expect(audioMs(flac)).toBe(2000)
    for (const rest of ['', 'RIFF', 'RIFF0000WAVE', 'RIFF0000WAVEdata\xff\xff\xff\xff', 'fLaC', 'ID3', 'FORM0000AIFF'])
      expect(audioMs(Buffer.from(rest, 'latin1'))).toBeUndefined()
  })

  test('and its kind from its first bytes', () => {
    const kinds = {
      RIFF0000WAVE: 'wav',
      fLaC: 'flac',
      FORM0000AIFF: 'aiff',
      FORM0000AIFC: 'aiff',
      OggS: 'ogg',
      ID3: 'mp3',
    }
    for (const [begin, kind] of Object.entries(kinds)) expect(audioKind(Buffer.from(begin))).toBe(kind)
    expect(audioKind(Buffer.from([0xff, 0xfb, 0x90, 0x00]))).toBe('mp3')
    for (const begin of [[], [0xff], [0xff, 0xff, 0xff, 0xff], [0xff, 0xf1, 0x50, 0x80], [0x7b, 0x22]])
      expect(audioKind(Buffer.from(begin))).toBeUndefined()
  })
})

describe('a service that does not do as it should', () => {
  test.each([
    ['nothing is listening', { kind: 'drop', reset: true }, 'speech.unavailable'],
    ['the connection is cut', { kind: 'drop' }, 'speech.unavailable'],
    ['it never answers', { kind: 'stall' }, 'speech.unavailable'],
    ['it answers with half a JSON', { kind: 'frame', frame: 'malformed-json' }, 'speech.refused'],
    ['it answers with another JSON', { kind: 'frame', frame: 'not-an-object' }, 'speech.refused'],
    ['it answers with far too much', { kind: 'frame', frame: 'huge' }, 'speech.refused'],
    ['it answers with keys of a prototype', { kind: 'frame', frame: 'prototype-keys' }, 'speech.refused'],
  ] as const)('%s', async (_name, what, code) => {
    const { voices, run, names } = await start({ incidents: [{ at: 'voices', what }] })
    const file = { bytes: speech(4), name: 'x' }
    const all: (() => Promise<unknown>)[] = [
      () => voices.get('v'),
      () => names({}),
      () => voices.clone(file, { name: 'x' }),
    ]
    for (const ask of all) expect(await run(ask().then(() => undefined, asBridgeError))).toMatchObject({ code })
  })
})
