import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { decodeMulaw } from '../../../../src/audio/mulaw.ts'
import { createLocalVoice, type LocalVoice, type LocalVoiceOptions } from '../../../../src/speech/local/voice.ts'
import { failure } from '../../../failure.ts'

const voices: LocalVoice[] = []
const engine = new URL('./engine.ts', import.meta.url).href
const never = new AbortController().signal

function createVoice(options?: LocalVoiceOptions): LocalVoice {
  const voice = createLocalVoice(options)
  voices.push(voice)
  return voice
}

afterEach(async () => {
  await Promise.all(voices.splice(0).map((voice) => voice.close()))
})

async function spoken(voice: LocalVoice, text: string, language?: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of voice.speak(text, { signal: never, ...(language === undefined ? {} : { language }) }))
    pieces.push(piece)
  return Buffer.concat(pieces)
}

function loudness(audio: Uint8Array): number {
  const samples = decodeMulaw(audio)
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length))
}

/** Levels that the stand-in engine was told to speak with, as they are heard: 40 for 40 * 256, within 3 %. */
function levels(audio: Uint8Array): Set<number> {
  return new Set(
    [...decodeMulaw(audio)].filter((sample) => sample > 4000).map((sample) => Math.round(sample / 2560) * 10),
  )
}

describe('the engine itself', () => {
  const voice = createLocalVoice()
  afterAll(() => voice.close())

  test('speech comes out, as long as the text, and two numbers sound different', async () => {
    const short = await spoken(voice, 'Hello there.')
    const long = await spoken(voice, 'Your order has shipped, and it will arrive tomorrow morning at ten.')
    expect(loudness(short)).toBeGreaterThan(500)
    expect(short.length / 8).toBeGreaterThan(600)
    expect(short.length / 8).toBeLessThan(1500)
    expect(long.length / 8).toBeGreaterThan(3000)
    expect(long.length / 8).toBeLessThan(6000)
    expect(await spoken(voice, 'one')).not.toEqual(await spoken(voice, 'two'))
  })

  test('a break is exactly so much silence, and the tag is not read', async () => {
    const audio = await spoken(voice, "Hi <break time='400ms'/>")
    expect(audio.subarray(-3200).every((byte) => byte === 0xff)).toBe(true)
    expect(audio.length / 8).toBeLessThan(400 + 700)
    expect(await spoken(voice, "<break time='1s'/>")).toEqual(Buffer.alloc(8000, 0xff))
  })

  test('a text is spoken to its end, over everything the engine could stop at', async () => {
    const plain = await spoken(voice, 'x and y and z')
    for (const odd of [
      'x\0and y and z',
      'x \uD800 and y and z',
      'x [[ and y and z',
      'x <speak> and y and z',
      'x &#0; and y and z',
    ])
      expect([odd, (await spoken(voice, odd)).length > plain.length * 0.9]).toEqual([odd, true])
  })

  test('languages are found by their code, whatever the region; others are unspeakable', async () => {
    for (const language of [
      'de',
      'de-AT',
      'pt-BR',
      'zh',
      'zh-Hans-CN',
      'no',
      'EN_gb',
      'ja',
      'hi',
      'ar',
      'hy',
      'he',
      'ro',
      'tr',
      'ru',
    ])
      expect([language, (await spoken(voice, '1 2 3', language)).length > 2000]).toEqual([language, true])
    for (const language of ['xx', '', '../en', 'english please']) {
      const error = await failure(spoken(voice, 'Hello', language))
      expect([language, error.code]).toEqual([language, 'text.unspeakable'])
    }
    expect((await failure(spoken(voice, '', 'xx'))).message).toContain('"xx"')
    expect(await spoken(voice, '')).toEqual(Buffer.alloc(0))
  })

  test('the event loop turns while a text is spoken', async () => {
    await spoken(voice, '')
    const state = { done: false }
    const speaking = spoken(voice, 'The quick brown fox jumps over the lazy dog. '.repeat(5)).finally(() => {
      state.done = true
    })
    let turns = 0
    for (; !state.done; turns++) await turn()
    expect((await speaking).length / 8).toBeGreaterThan(10_000)
    expect(turns).toBeGreaterThan(50)
  })
})

describe('turns', () => {
  test('fifty texts at once each get their own audio, whole, and none of another', async () => {
    const voice = createVoice({ engine })
    const heard = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const level = 20 + (index % 10) * 10
        const audio = await spoken(voice, `level ${level} pieces ${1 + (index % 4)}.`)
        return { level, pieces: 1 + (index % 4), audio }
      }),
    )
    for (const { level, pieces, audio } of heard) {
      expect(audio.length).toBe(pieces * 800 + 2320)
      expect([...levels(audio.subarray(200, pieces * 800 - 200))]).toEqual([level])
    }
  })

  test('a short text waits for one sentence of a long one, not for all of it', async () => {
    const voice = createVoice({ engine })
    await spoken(voice, '')
    const order: string[] = []
    const long = spoken(voice, 'A sentence of pieces 3. '.repeat(20)).then(() => order.push('long'))
    await turn()
    const short = spoken(voice, 'Hi').then(() => order.push('short'))
    await Promise.all([long, short])
    expect(order).toEqual(['short', 'long'])
  })
})

describe('abort', () => {
  test('an aborted text ends at once and without an error, others go on undisturbed', async () => {
    const voice = createVoice({ engine })
    const abort = new AbortController()
    const undisturbed = Promise.all([spoken(voice, 'pieces 40'), spoken(voice, 'pieces 7')])
    let pieces = 0
    for await (const piece of voice.speak('pieces 500', { signal: abort.signal })) {
      expect(piece.length).toBeGreaterThan(0)
      if (++pieces === 3) abort.abort()
    }
    expect(pieces).toBe(3)
    const [first, second] = await undisturbed
    expect([first.length, second.length]).toEqual([32_000, 5600])
    expect((await spoken(voice, 'pieces 2')).length).toBe(1600)
  })

  test('the thread stops making audio that nobody wants', async () => {
    const voice = createVoice({ engine })
    for await (const piece of voice.speak('pieces 20000', { signal: never })) if (piece.length > 0) break
    expect((await spoken(voice, 'thousands')).length / 800).toBeLessThan(20)
  })

  test('a text that was aborted before its turn, or left by its reader, takes no turn', async () => {
    const voice = createVoice({ engine })
    await spoken(voice, '')
    const abort = new AbortController()
    const running = spoken(voice, 'pieces 50')
    const waiting = (async () => {
      for await (const piece of voice.speak('Hello', { signal: abort.signal })) expect.fail(`got ${piece.length} bytes`)
    })()
    abort.abort()
    await waiting
    expect((await running).length).toBe(40_000)
    for await (const piece of voice.speak('pieces 9. Goodbye.', { signal: never })) if (piece.length > 0) break
    for await (const piece of voice.speak('Hello', { signal: AbortSignal.abort() }))
      expect.fail(`got ${piece.length} bytes`)
    // Begun were the first text and the first sentence of the one that was left.
    expect((await spoken(voice, 'texts')).length / 800).toBe(2)
    expect((await spoken(voice, 'texts')).length / 800).toBe(3)
  })
})

describe('trouble', () => {
  test('a missing package is told with the command that installs it', async () => {
    const voice = createVoice({ engine: 'callbridge-has-no-such-package' })
    for (const text of ['Hello', '']) {
      const error = await failure(spoken(voice, text))
      expect(error.code).toBe('speech.not-installed')
      expect(error.message).toContain('npm install @echogarden/espeak-ng-emscripten')
    }
  })

  test('a package that was installed meanwhile is found', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callbridge-'))
    const file = join(folder, 'engine.mjs')
    const voice = createVoice({ engine: pathToFileURL(file).href })
    expect((await failure(spoken(voice, 'Hello'))).code).toBe('speech.not-installed')
    await writeFile(file, `export { default } from '${engine}'`)
    expect((await spoken(voice, 'Hello')).length).toBe(800)
    await rm(folder, { recursive: true })
  })

  test('a module that is no engine is unavailable', async () => {
    const voice = createVoice({ engine: 'node:path' })
    expect((await failure(spoken(voice, 'Hello'))).code).toBe('speech.unavailable')
  })

  test('a crash fails the text that was being spoken, the others go on in a new thread', async () => {
    const voice = createVoice({ engine })
    const [crashed, waiting] = await Promise.all([failure(spoken(voice, 'crash')), spoken(voice, 'pieces 3')])
    expect([crashed.code, crashed.retryable]).toEqual(['speech.lost', true])
    expect(waiting.length).toBe(2400)
    // A voice the engine lists but will not take is a crash as well.
    expect((await failure(spoken(voice, 'Hallo', 'nl'))).code).toBe('speech.lost')
    expect((await spoken(voice, 'Hallo', 'de')).length).toBe(800)
  })

  test('a thread that hangs is given up, and a text aborted meanwhile ends at once', async () => {
    const voice = createVoice({ engine, stallMs: 2000 })
    await spoken(voice, '')
    const abort = new AbortController()
    const waiting = (async () => {
      for await (const piece of voice.speak('Hi', { signal: abort.signal })) expect.fail(`got ${piece.length} bytes`)
    })()
    // The first turn is taken, so the next text cannot begin before the thread is given up.
    const hung = failure(spoken(voice, 'hang'))
    abort.abort()
    await waiting
    expect((await hung).code).toBe('speech.stalled')
    expect((await spoken(voice, 'pieces 2')).length).toBe(1600)
  })

  test('closing fails what is spoken and what waits, and all that comes after; twice is once', async () => {
    const voice = createVoice({ engine })
    const texts = [spoken(voice, 'pieces 5000'), spoken(voice, 'Hello')].map(failure)
    await turn()
    await Promise.all([voice.close(), voice.close()])
    expect((await Promise.all(texts)).map((error) => error.code)).toEqual(['speech.unavailable', 'speech.unavailable'])
    expect((await failure(spoken(voice, 'Hello'))).message).toContain('closed')
    await createVoice({ engine }).close()
  })

  test('the thread sees nothing of the environment', async () => {
    expect(await spoken(createVoice({ engine }), 'environment')).toEqual(Buffer.alloc(0))
  })

  test('an idle voice keeps no process alive', () => {
    const script = `
      import { createLocalVoice } from '${new URL('../../../../src/speech/local/voice.ts', import.meta.url).href}'
      const voice = createLocalVoice({ engine: '${engine}' })
      let bytes = 0
      for await (const piece of voice.speak('pieces 2', { signal: new AbortController().signal })) bytes += piece.length
      process.stdout.write(String(bytes))`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 15_000,
    })
    expect([child.status, child.stdout, child.stderr]).toEqual([0, '1600', ''])
  })
})
