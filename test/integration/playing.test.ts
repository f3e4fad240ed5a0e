import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeMulaw } from '../../src/audio/mulaw.ts'
import { mulawWav } from '../../src/audio/wav.ts'
import type { Call } from '../../src/flows/flow.ts'
import type { Phone } from '../../src/simulator/phone-network/phone/phone.ts'
import { asserting } from '../asserting.ts'
import { keysHeard, power } from '../../src/simulator/key-tones.ts'
import { pcmWav, sine } from '../pcm-wav.ts'
import { rememberSpoken, startWorld, type World } from '../world.ts'

const to = '+15551230001'
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/playing-`)
})
afterAll(() => rm(folder, { recursive: true }))

/** Bytes that nothing else sounds like: what is lost, doubled or displaced shows. */
const noise = (ms: number, seed = 1) =>
  Uint8Array.from({ length: ms * 8 }, (_, index) => (Math.imul(index + seed, 2_654_435_761) >>> 24) & 0xff)

async function file(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(`${folder}/${name}`, bytes)
  return `${folder}/${name}`
}

async function conducted(world: World, flow: (line: Call, phone: Phone) => Promise<void>) {
  const phone = world.network.phone(to)
  const asserted = asserting((line) => flow(line, phone))
  const outcome = await world.until(world.dial(to, '', {}, asserted.flow).outcome)
  await world.until(phone.ended)
  asserted.check()
  return { outcome, heard: Buffer.from(phone.heard), phone }
}

const produced = (world: World) => world.async.spoken.map((one) => Buffer.from(one.audio))

describe('playing a sound', () => {
  test('mu-law is heard byte for byte, from a WAV file, a bare file, its URL, and bytes', async () => {
    await using world = await startWorld()
    const sounds = [noise(1000, 1), noise(733, 2), noise(500, 3), noise(250, 4), noise(1, 5)]
    const [one = noise(0), two = noise(0), three = noise(0), four = noise(0), five = noise(0)] = sounds
    const wav = await file('one.wav', mulawWav(one))
    const bare = await file('two.ulaw', two)
    const { outcome, heard } = await conducted(world, async (line) => {
      expect(await line.play(wav)).toEqual({ end: 'heard', heardMs: 1000, sentMs: 1000, heardText: '' })
      for (const sound of [pathToFileURL(bare), mulawWav(three), four, five]) await line.play(sound)
    })
    expect(Buffer.compare(heard, Buffer.concat(sounds))).toBe(0)
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', heardText: '', heardMs: 2484 })
    // No speech service made any of it.
    expect([outcome.provider, outcome.spokenBy]).toEqual([null, []])
    expect(world.network.faults).toEqual([])
  })

  test('a key silences a sound that may be silenced, and no other', async () => {
    const ends: string[] = []
    for (const bargeIn of ['keys', false] as const) {
      await using world = await startWorld()
      world.network.phone(to, { answer: { afterMs: 500 }, steps: [{ afterHeardMs: 700, press: '1' }] })
      const flow = async (line: Call) => {
        ends.push((await line.play(noise(2000), { bargeIn })).end)
      }
      expect((await world.until(world.dial(to, '', {}, flow).outcome)).reason).toBe('completed')
    }
    expect(ends).toEqual(['interrupted', 'heard'])
  })

  test('a stereo file of 44,100 Hz is heard as its sound, in its length', async () => {
    await using world = await startWorld()
    const mono = sine(440, 44_100, 2000)
    const stereo = Int16Array.from({ length: mono.length * 2 }, (_, index) => mono[index >> 1] ?? 0)
    const path = await file('stereo.wav', pcmWav(stereo, 44_100, 2))
    const { heard } = await conducted(world, async (line) => void (await line.play(path)))
    expect(heard).toHaveLength(16_000)
    const samples = decodeMulaw(heard.subarray(800, 15_200))
    expect(power(samples, 440)).toBeGreaterThan(50 * power(samples, 660))
  })

  test('sounds and texts are heard in the order in which they were asked for', async () => {
    await using world = await startWorld()
    const first = noise(600, 1)
    const second = noise(900, 2)
    const { outcome, heard, phone } = await conducted(world, async (line) => {
      for (const text of ['Listen to this.', 'And that was it.']) rememberSpoken(text)
      void line.say('Listen to this.')
      void line.play(first)
      void line.play(second)
      void line.say('And that was it.')
      await line.press('5')
    })
    const [before = Buffer.alloc(0), after = Buffer.alloc(0)] = produced(world)
    expect(
      Buffer.compare(
        heard.subarray(0, before.length + 12_000 + after.length),
        Buffer.concat([before, first, second, after]),
      ),
    ).toBe(0)
    expect(outcome).toMatchObject({ status: 'heard', heardText: 'Listen to this. And that was it.' })
    // What each voice made is told apart from what was played.
    expect(outcome.spokenBy).toMatchObject([{ sentMs: (before.length + after.length) / 8 }])
    // Between two sounds nobody waits for a mark.
    const recording = Buffer.from(phone.recording)
    expect(recording.includes(Buffer.concat([before.subarray(-800), first, second]))).toBe(true)
  })

  test('an interrupted sound is silent at once, and what was heard of it is known', async () => {
    await using world = await startWorld()
    let heardMs = 0
    const { heard } = await conducted(world, async (line) => {
      const sound = line.play(noise(30_000))
      const behind = line.play(noise(1000, 7))
      world.clock.after(2_000, () => sound.interrupt())
      const told = await sound
      heardMs = told.heardMs
      expect(told).toMatchObject({ end: 'interrupted' })
      expect(await behind).toMatchObject({ end: 'interrupted', sentMs: 0 })
      await line.play(noise(40, 9))
    })
    expect(heardMs).toBeGreaterThan(1_000)
    expect(heard.length / 8).toBeLessThan(2_500)
    expect(Buffer.compare(heard.subarray(-320), noise(40, 9))).toBe(0)
    expect(Buffer.compare(heard.subarray(0, -320), Buffer.from(noise(30_000)).subarray(0, heard.length - 320))).toBe(0)
    expect(world.network.faults).toEqual([])
  })

  test('what cannot be read rejects with words, and what was said before is heard', async () => {
    await using world = await startWorld()
    const sounds: [string | URL | Uint8Array, RegExp][] = [
      [`${folder}/nothing.wav`, /cannot be opened \(ENOENT\)/],
      [folder, /folder or a device/],
      ['/dev/zero', /folder or a device/],
      [new URL('https://example.com/a.wav'), /the URL of a file, got one of https:/],
      [await file('song.mp3', Buffer.from('ID3 and more of a song')), /begins with ID3/],
      [await file('text.txt', Buffer.from('a letter')), /whose name ends with .ulaw/],
      [await file('empty.wav', Buffer.alloc(0)), /expected a WAV file/],
      [await file('cut.wav', Buffer.from(mulawWav(noise(100))).subarray(0, 40)), /expected a WAV data chunk/],
      [Buffer.from('OggS, says the file'), /begins with OggS/],
    ]
    await conducted(world, async (line) => {
      for (const [sound, words] of sounds)
        await expect(line.play(sound)).rejects.toMatchObject({
          code: 'audio.unreadable',
          message: expect.stringMatching(words),
        })
    })
    // Of what nobody awaits, the end of the flow tells.
    const { outcome } = await conducted(world, async (line) => {
      void line.play(`${folder}/nothing.wav`)
      await line.play(noise(100))
    })
    expect(outcome).toMatchObject({ reason: 'flow-failed', error: { code: 'audio.unreadable' }, heardMs: 100 })
    expect(JSON.stringify(outcome)).not.toContain(folder)
  })

  test('a file that is cut off is heard as far as it goes', async () => {
    await using world = await startWorld()
    const path = await file('short.wav', Buffer.from(mulawWav(noise(1000))).subarray(0, 58 + 4001))
    const { heard } = await conducted(world, async (line) => void (await line.play(path)))
    expect(Buffer.compare(heard, Buffer.from(noise(1000)).subarray(0, 4001))).toBe(0)
  })

  test('more than Twilio buffers never stands further ahead than ten seconds, and is heard whole', async () => {
    await using world = await startWorld()
    const long = noise(660_000)
    const path = await file('long.ulaw', long)
    let ahead = 0
    const phone = world.network.phone(to)
    const call = world.dial(to, '', {}, async (line) => void (await line.play(path)))
    call.watch((event) => {
      if (event.type === 'progress') ahead = Math.max(ahead, event.sentMs - event.heardMs)
    })
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'heard', heardMs: 660_000 })
    expect(ahead).toBeLessThanOrEqual(10_250)
    expect(Buffer.compare(Buffer.from(phone.heard), long)).toBe(0)
  })

  test('a callee who hangs up ends a sound, and its file is closed', async () => {
    await using world = await startWorld()
    const path = await file('left.ulaw', noise(60_000))
    const { outcome } = await conducted(world, async (line, phone) => {
      world.clock.after(3_000, () => phone.hangUp())
      await expect(line.play(path)).rejects.toMatchObject({ code: 'call.ended' })
    })
    expect(outcome).toMatchObject({ reason: 'callee-hung-up' })
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    )
    expect(open.filter((name) => name.includes('left.ulaw'))).toEqual([])
  })
})

describe('pressing keys', () => {
  test('the other side hears their tones, in their turn, and a detector tells them', async () => {
    await using world = await startWorld()
    const { heard } = await conducted(world, async (line) => {
      void line.play(new Uint8Array(800).fill(0xff))
      expect(await line.press('1w23#')).toMatchObject({ end: 'heard', heardMs: 1300 })
    })
    expect(keysHeard(heard)).toBe('123#')
  })

  test('what is no key throws, and no error repeats it', async () => {
    await using world = await startWorld()
    const { outcome } = await conducted(world, async (line) => void (await line.press('47x11')))
    expect(outcome).toMatchObject({ reason: 'flow-failed', error: { code: 'flow.failed' } })
    expect(JSON.stringify(outcome)).not.toContain('47x11')
  })
})
