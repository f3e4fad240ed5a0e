import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { decodeMulaw } from '../../src/audio/mulaw.ts'
import { readWav } from '../../src/audio/read-wav.ts'
import type { Recording, RecordOptions } from '../../src/call/sounds.ts'
import type { Flow } from '../../src/flows/flow.ts'
import { asserting } from '../asserting.ts'
import { power } from '../../src/simulator/key-tones.ts'
import { pcmWav, sine } from '../pcm-wav.ts'
import { startWorld, type World, type WorldOptions } from '../world.ts'

const to = '+15551230001'
let folder = ''
const folders: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/recording-`)
  folders.push(folder)
})
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true }))))

/** Loud bytes, each unlike the next: what is lost, doubled or displaced shows. */
const speech = (ms: number) =>
  Uint8Array.from({ length: ms * 8 }, (_, index) => (index % 2) * 0x80 + 1 + (Math.imul(index, 2_654_435_761) >>> 27))

const audioOf = (file: Uint8Array) => {
  const wav = readWav(file)
  if (wav.encoding !== 'mulaw') throw new Error('expected mu-law')
  return Buffer.from(wav.audio)
}

/** Resolves with the outcome when the flow is over too. */
async function conducted(world: World, flow: Flow) {
  const over = Promise.withResolvers<void>()
  const asserted = asserting(async (line) => {
    await flow(line).finally(over.resolve)
  })
  const outcome = await world.until(world.dial(to, '', {}, asserted.flow).outcome)
  await world.until(over.promise)
  await world.clock.advance(0)
  asserted.check()
  return outcome
}

/** A call that records at once; `begun` is when the tone was heard. */
async function recorded(
  world: World,
  options: RecordOptions,
  callee: (phone: ReturnType<World['network']['phone']>) => void,
) {
  const phone = world.network.phone(to)
  const begun = Promise.withResolvers<void>()
  let recording: Recording | undefined
  const call = world.dial(to, '', {}, async (line) => {
    recording = await line.record(options)
  })
  phone.on((event) => {
    if (event.type === 'first-audio') world.clock.after(500, () => begun.resolve())
  })
  await world.until(begun.promise)
  callee(phone)
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  return { call, phone, outcome, recording }
}

const inWorld = (options?: WorldOptions) => startWorld(options)

describe('recording what the callee says', () => {
  test('a tone is heard, then every bit that is said stands in the recording, until silence', async () => {
    await using world = await inWorld()
    const { recording, phone, outcome } = await recorded(world, { silenceMs: 2_000 }, (callee) =>
      callee.speak(speech(3_000)),
    )
    expect(power(decodeMulaw(phone.heard.subarray(80, 2_320)), 1000)).toBeGreaterThan(5_000)
    expect(phone.heard).toHaveLength(2_400)
    expect(recording).toMatchObject({ ended: 'silence', voicedMs: 3_000 })
    const audio = audioOf(recording?.bytes ?? Buffer.alloc(0))
    expect(audio.length).toBe((recording?.audioMs ?? 0) * 8)
    const from = audio.indexOf(Buffer.from(speech(3_000)))
    expect(from).toBeGreaterThanOrEqual(0)
    // Nothing else, and two seconds of silence behind it.
    expect(audio.subarray(0, from).every((byte) => byte === 0xff)).toBe(true)
    expect(audio.length - from - 24_000).toBe(16_000)
    expect(outcome).toMatchObject({ reason: 'completed' })
  })

  test('it ends at its length, to the byte, and the file is a WAV file of just that', async () => {
    await using world = await inWorld()
    const file = `${folder}/answer.wav`
    await writeFile(file, 'an older one')
    const { recording } = await recorded(world, { maxMs: 1_234, file: pathToFileURL(file) }, (callee) =>
      callee.speak(speech(5_000)),
    )
    expect(recording).toMatchObject({ ended: 'max', audioMs: 1_234, file })
    expect(recording).not.toHaveProperty('bytes')
    const bytes = await readFile(file)
    expect(bytes.length).toBe(58 + 1_234 * 8)
    const spoken = Buffer.from(speech(5_000))
    const audio = audioOf(bytes)
    const silent = audio.findIndex((byte) => byte !== 0xff)
    expect(Buffer.compare(audio.subarray(silent), spoken.subarray(0, audio.length - silent))).toBe(0)
    expect(await readdir(folder)).toEqual(['answer.wav'])
  })

  test('a finish key ends it, another does not', async () => {
    await using world = await inWorld()
    const { recording, outcome } = await recorded(world, { finishKey: '*#' }, (callee) => {
      callee.speak(speech(1_000))
      world.clock.after(1_500, () => callee.press('5'))
      world.clock.after(2_500, () => callee.press('#'))
    })
    expect(recording).toMatchObject({ ended: 'key' })
    expect(recording?.audioMs).toBeGreaterThan(1_800)
    expect(recording?.audioMs).toBeLessThan(3_500)
    expect(outcome.keys).toBe('5#')
  })

  test('who says nothing is recorded as that', async () => {
    await using world = await inWorld()
    const { recording } = await recorded(world, { silenceMs: 1_500, beep: false }, () => {})
    expect(recording).toMatchObject({ ended: 'silence', voicedMs: 0, audioMs: 1_500 })
  })

  test('a call that ends while it is recorded: what was said is kept, in the file too', async () => {
    await using world = await inWorld()
    const file = `${folder}/broken-off.wav`
    const { recording, outcome } = await recorded(world, { file }, (callee) => {
      callee.speak(speech(10_000))
      world.clock.after(2_000, () => callee.hangUp())
    })
    expect(outcome).toMatchObject({ reason: 'callee-hung-up' })
    await world.clock.advance(100)
    expect(recording).toMatchObject({ ended: 'call-ended', file })
    const audio = audioOf(await readFile(file))
    expect(audio.length).toBe((recording?.audioMs ?? 0) * 8)
    expect(recording?.audioMs).toBeGreaterThan(1_500)
    const spoken = audio.subarray(audio.findIndex((byte) => byte !== 0xff))
    expect(Buffer.compare(spoken, Buffer.from(speech(10_000)).subarray(0, spoken.length))).toBe(0)
    expect(await readdir(folder)).toEqual(['broken-off.wav'])
  })

  test('frames that the network lost are silence in it: what came after them stands where it was said', async () => {
    await using world = await inWorld({ network: { seed: 3, behaviour: { lostFrames: 0.2, timestampDrift: true } } })
    const { recording } = await recorded(world, { silenceMs: 2_000 }, (callee) => callee.speak(speech(4_000)))
    const audio = audioOf(recording?.bytes ?? Buffer.alloc(0))
    const spoken = Buffer.from(speech(4_000))
    let lost = 0
    let placed = 0
    const from = firstFrame(audio, spoken)
    for (let at = 0; at < spoken.length; at += 160) {
      const frame = audio.subarray(from + at, from + at + 160)
      if (Buffer.compare(frame, spoken.subarray(at, at + 160)) === 0) placed++
      else if (frame.every((byte) => byte === 0xff)) lost++
    }
    expect(lost).toBeGreaterThan(10)
    expect(placed + lost).toBe(200)
  })

  test('a WAV file that the callee plays is recorded as it sounds', async () => {
    await using world = await inWorld()
    const { recording } = await recorded(
      world,
      { silenceMs: 1_000 },
      (callee) => void callee.speakWav(pcmWav(sine(600, 16_000, 1_000), 16_000)),
    )
    expect(recording?.voicedMs).toBeGreaterThanOrEqual(960)
    expect(recording?.voicedMs).toBeLessThanOrEqual(1_040)
  })

  test('it begins when what was said before was heard, with a tone or without', async () => {
    await using world = await inWorld()
    for (const beep of [true, false]) {
      const phone = world.network.phone(to)
      let heardMs = 0
      await conducted(world, async (line) => {
        void line.play(speech(4_000))
        const recording = await line.record({ beep, maxMs: 500 })
        expect(recording).toMatchObject({ ended: 'max', voicedMs: 0 })
        heardMs = phone.heardMs
      })
      expect(heardMs).toBe(beep ? 4_300 : 4_020)
    }
  })

  test('somebody who speaks is not idle, however long', async () => {
    await using world = await inWorld({ settings: { IDLE_TIMEOUT_MS: '5000' } })
    const { recording, call } = await recorded(world, { maxMs: 12_000 }, (callee) => callee.speak(speech(20_000)))
    expect(recording).toMatchObject({ ended: 'max', audioMs: 12_000 })
    expect(call.events.filter((event) => event.type === 'recording')).toHaveLength(1)
  })

  test('where nothing can be written the callee is not asked to speak', async () => {
    await using world = await inWorld()
    const phone = world.network.phone(to)
    const outcome = await conducted(world, async (line) => {
      for (const file of [`${folder}/no/such/folder.wav`, folder])
        await expect(line.record({ file })).rejects.toMatchObject({ code: 'recording.unwritable' })
    })
    expect(outcome).toMatchObject({ reason: 'completed' })
    expect(phone.heard).toHaveLength(0)
    expect(await readdir(folder)).toEqual([])
  })

  test.runIf(process.platform === 'linux')(
    'the disk is full while a recording is made: the flow is told at once, and nothing of it stays',
    async () => {
      // 32 or 64 kilobytes, which are 4 or 8 seconds.
      const limited = ['-c', 'trap "" XFSZ; ulimit -f 64; exec "$@"', 'sh', process.execPath]
      for (const [what, ended] of [
        ['catch', { code: 'recording.unwritable', reason: 'completed', heardText: 'That could not be kept.' }],
        ['throw', { code: 'recording.unwritable', reason: 'flow-failed', error: 'recording.unwritable' }],
      ] as const) {
        const program = ['test/programs/recording-call.ts', folder, what]
        const { stdout } = await promisify(execFile)('sh', [...limited, ...program], { timeout: 30_000 })
        expect(JSON.parse(stdout)).toMatchObject({ ...ended, left: [] })
      }
    },
  )

  test('a callee who hangs up before the tone was heard leaves no file', async () => {
    await using world = await inWorld()
    const phone = world.network.phone(to)
    await conducted(world, async (line) => {
      void line.play(speech(10_000))
      world.clock.after(1_000, () => phone.hangUp())
      await expect(line.record({ file: `${folder}/never.wav` })).rejects.toMatchObject({ code: 'call.ended' })
    })
    expect(await readdir(folder)).toEqual([])
  })

  test('limits that make no sense reject before anything is heard', async () => {
    await using world = await inWorld()
    const phone = world.network.phone(to)
    const outcome = await conducted(world, async (line) => {
      const wrong: RecordOptions[] = [{ maxMs: 0 }, { maxMs: Number.NaN }, { maxMs: 601_000 }, { silenceMs: -1 }]
      for (const options of [...wrong, { finishKey: 'hash' }])
        await expect(line.record(options)).rejects.toThrow(RangeError)
    })
    expect(outcome).toMatchObject({ reason: 'completed' })
    expect(phone.heard).toHaveLength(0)
  })
})

/** Where speech that may have lost its first frames begins in the audio. */
function firstFrame(audio: Buffer, spoken: Buffer): number {
  for (let at = 0; at < spoken.length; at += 160) {
    const found = audio.indexOf(spoken.subarray(at, at + 160))
    if (found >= 0) return found - at
  }
  throw new Error('nothing that was said is in the recording')
}
