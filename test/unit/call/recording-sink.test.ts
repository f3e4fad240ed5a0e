import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mulawWav } from '../../../src/audio/wav.ts'
import { recordToFile, recordToMemory } from '../../../src/call/recording-sink.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/sink-`)
})
afterAll(() => rm(folder, { recursive: true }))

const audio = (bytes: number) => Uint8Array.from({ length: bytes }, (_, index) => index % 251)
const left = async () => (await readdir(folder)).filter((name) => name.endsWith('.part'))

test.each([0, 1, 160, 3_999, 4_000, 12_345])(
  '%i bytes are the same WAV file on the disk and in memory',
  async (bytes) => {
    const file = `${folder}/${bytes}.wav`
    const sinks = [await recordToFile(file, 1_000_000), recordToMemory()]
    for (let at = 0; at < bytes; at += 160) for (const sink of sinks) sink.write(audio(bytes).subarray(at, at + 160))
    const [onDisk, inMemory] = await Promise.all(sinks.map((sink) => sink.finish()))
    expect(onDisk).toEqual({ file })
    expect(Buffer.compare(await readFile(file), mulawWav(audio(bytes)))).toBe(0)
    expect(inMemory).toEqual({ bytes: Buffer.from(mulawWav(audio(bytes))) })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await left()).toEqual([])
  },
)

test('what was written so far is on the disk, for when the process dies', async () => {
  const sink = await recordToFile(`${folder}/later.wav`, 1_000_000)
  sink.write(audio(4_000))
  await expect.poll(async () => (await stat(`${folder}/${(await left())[0] ?? ''}`)).size).toBe(58 + 4_000)
  expect((await readdir(folder)).includes('later.wav')).toBe(false)
  await sink.discard()
  expect(await left()).toEqual([])
})

test('a disk that does not keep up ends the recording, and nothing of it stays', async () => {
  const sink = await recordToFile(`${folder}/slow.wav`, 1_000_000)
  // In one go: nothing can have been written meanwhile.
  expect(() => {
    for (let count = 0; count < 300; count++) sink.write(audio(4_000))
  }).toThrow(expect.objectContaining({ code: 'recording.unwritable' }))
  await expect(sink.finish()).rejects.toMatchObject({ code: 'recording.unwritable' })
  expect(await left()).toEqual([])
  expect((await readdir(folder)).includes('slow.wav')).toBe(false)
})
