import { describe, expect, test } from 'vitest'
import { encodeMulaw } from '../../../../src/audio/mulaw.ts'
import { mulawWav } from '../../../../src/audio/wav.ts'
import { wavToMulaw } from '../../../../src/simulator/phone-network/phone/wav.ts'
import { type BridgeStream, callee, setScene, sound } from './bridge.ts'

/** A file of 16-bit samples, channels interleaved. */
function pcmWav(samples: Int16Array, rateHz: number, channels = 1): Uint8Array {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + samples.length * 2, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rateHz, 24)
  header.writeUInt32LE(rateHz * channels * 2, 28)
  header.writeUInt16LE(channels * 2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples.length * 2, 40)
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}

const sine = (hz: number, rateHz: number, ms: number) =>
  Int16Array.from({ length: (rateHz * ms) / 1000 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  )

/** The bytes of the line that are no silence. */
const voiced = (stream: BridgeStream | undefined) =>
  Buffer.concat((stream?.of('media') ?? []).map((m) => Buffer.from(m.media?.payload ?? '', 'base64'))).filter(
    (byte) => byte !== 0xff,
  )

describe('a WAV file', () => {
  test('of mu-law at 8 kHz passes byte for byte', async () => {
    expect(Buffer.from(await wavToMulaw(mulawWav(sound(333))))).toEqual(Buffer.from(sound(333)))
  })

  test('of 16 bits at 8 kHz is only encoded', async () => {
    const samples = sine(440, 8000, 100)
    expect(await wavToMulaw(pcmWav(samples, 8000))).toEqual(encodeMulaw(samples))
  })

  test('of two channels becomes their mean', async () => {
    const stereo = Int16Array.from([1000, 3000, -500, 500, 8000, -8000])
    expect(await wavToMulaw(pcmWav(stereo, 8000, 2))).toEqual(encodeMulaw(Int16Array.from([2000, 0, 0])))
  })

  test.each([16_000, 44_100, 11_025])('of %i Hz is resampled: as long, and the same tone', async (rateHz) => {
    const bytes = await wavToMulaw(pcmWav(sine(400, rateHz, 1000), rateHz))
    expect(Math.abs(bytes.length - 8000)).toBeLessThanOrEqual(1)
    // A tone of 400 Hz changes its sign 800 times a second; the highest bit of mu-law is the sign.
    const signs = [...bytes.subarray(800, 7200)].map((byte) => byte >> 7)
    const changes = signs.filter((sign, i) => i > 0 && sign !== signs[i - 1]).length
    expect(Math.abs(changes - 640)).toBeLessThanOrEqual(8)
  })
})

describe('a phone', () => {
  test('speaks a WAV file as a step of its script, to the byte', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee, {
      steps: [{ afterAnswerMs: 1000, speakWav: mulawWav(sound(500)) }],
      hangUp: { afterAnswerMs: 3000 },
    })
    await dial()
    await clock.runUntil(phone.ended)
    await clock.advance(0)
    expect(voiced(bridge.streams[0])).toEqual(Buffer.from(sound(500)))
  })

  test('speaks a WAV file of another rate when it is told to, at that moment of simulated time', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee, { answer: { afterMs: 0 } })
    await dial()
    await clock.advance(2000)
    const beganMs = clock.now()
    await clock.runUntil(phone.speakWav(pcmWav(sine(400, 16_000, 500), 16_000)))
    expect(clock.now()).toBe(beganMs)
    await clock.advance(1000)
    // Of a sine of 400 Hz one byte in ten is a zero, which is silence.
    expect(voiced(bridge.streams[0]).length).toBeGreaterThan(3500)
    expect(voiced(bridge.streams[0]).length).toBeLessThanOrEqual(4000)
  })

  test('refuses what is no WAV file: in a script when it is registered, else when it is to speak', async () => {
    const { clock, dial, network } = await setScene()
    const script = { steps: [{ afterAnswerMs: 0, speakWav: Buffer.from('MP3, perhaps') }] }
    expect(() => network.phone(callee, script)).toThrow(/expected a WAV file/)
    const phone = network.phone(callee, { answer: { afterMs: 0 } })
    await expect(phone.speakWav(sound(20))).resolves.toBeUndefined()
    await dial()
    await clock.advance(1000)
    await expect(phone.speakWav(sound(20))).rejects.toThrow(/expected a WAV file/)
  })
})
