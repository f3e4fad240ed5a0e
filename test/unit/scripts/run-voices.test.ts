import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileNameFor, runVoices } from '../../../scripts/run-voices.ts'
import type { VoicesCommand } from '../../../scripts/voices-arguments.ts'
import { printable } from '../../../scripts/voices-table.ts'
import { readWav } from '../../../src/audio/read-wav.ts'
import { mulawWav } from '../../../src/audio/wav.ts'
import type { AsyncBehaviour } from '../../../src/simulator/async/behaviour.ts'
import { startAsyncService } from '../../../src/simulator/async/service.ts'
import { realClock } from '../../../src/simulator/clock.ts'
import { createAsyncVoices } from '../../../src/speech/async/voices.ts'

interface Given {
  json?: boolean
  answer?: string
  behaviour?: Partial<AsyncBehaviour>
}

async function start({ json = false, answer, behaviour = {} }: Given = {}) {
  const service = await startAsyncService({ behaviour })
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  onTestFinished(async () => {
    await service.close()
    rmSync(folder, { recursive: true })
  })
  const voices = createAsyncVoices({ url: service.url, apiKey: service.apiKey, version: 'v1' }, { clock: realClock })
  const seen = { printed: '', told: '', asked: '', progress: [] as number[], over: 0 }
  const terminal = {
    json,
    print: (text: string) => void (seen.printed += text),
    tell: (text: string) => void (seen.told += text),
    ask:
      answer === undefined
        ? undefined
        : (question: string) => {
            seen.asked = question
            return Promise.resolve(answer)
          },
    progress: (sent: number) => void seen.progress.push(sent),
    progressOver: () => void seen.over++,
  }
  const file = (name: string) => join(folder, name)
  const run = (command: Exclude<VoicesCommand, { kind: 'help' }>) => runVoices(command, voices, terminal)
  const own = service.voices.find((voice) => voice.voice_type === 'CUSTOM')?.voice_id ?? ''
  return { service, seen, run, file, own }
}
const list = (limit: number, after?: string) => ({ kind: 'list', filter: {}, limit, after }) as const

describe('list', () => {
  test('prints a table of so many voices, and where the rest begins', async () => {
    const { seen, run, service } = await start()
    expect(await run(list(3))).toBe(0)
    const rows = seen.printed.split('\n').filter((line) => /[0-9a-f]{8}-/.test(line))
    expect(rows).toHaveLength(3)
    expect(rows[0]).toContain('Emulated voice')
    expect(seen.told).toContain(`--after ${service.voices[2]?.voice_id}`)
    expect(service.voiceRequests[0]?.body).toEqual({ limit: 3 })
  })

  test('prints one JSON array, of every page with --all, and tells of no rest', async () => {
    const { seen, run, service } = await start({ json: true })
    expect(await run(list(Number.POSITIVE_INFINITY))).toBe(0)
    const printed = JSON.parse(seen.printed) as { voiceId: string }[]
    expect(printed.map((voice) => voice.voiceId)).toEqual(service.voices.map((voice) => voice.voice_id))
    expect(seen.told).toBe('')
  })

  test('says that there is none', async () => {
    const { seen, run } = await start()
    await run({ kind: 'list', filter: { language: 'xx' }, limit: 10, after: undefined })
    expect([seen.printed, seen.told]).toEqual(['No voices.\n', ''])
  })

  test('tells of no rest when the page that was filled is the last', async () => {
    const { seen, run, service } = await start()
    await run(list(service.voices.length))
    expect(seen.told).toBe('')
  })
})

describe('show', () => {
  test('prints every fact of one voice, or an object', async () => {
    const { seen, run, service } = await start()
    expect(await run({ kind: 'show', voiceIds: [service.voiceId] })).toBe(0)
    for (const fact of [service.voiceId, 'Emulated voice', 'en, de, fr, es, it', 'predefined'])
      expect(seen.printed).toContain(fact)
    const other = await start({ json: true })
    await other.run({ kind: 'show', voiceIds: [other.service.voiceId] })
    expect(JSON.parse(other.seen.printed)).toMatchObject({ voiceId: other.service.voiceId })
  })

  test('of several asks once, and names those that do not exist', async () => {
    const { seen, run, service, own } = await start({ json: true })
    expect(await run({ kind: 'show', voiceIds: [service.voiceId, 'none', own] })).toBe(1)
    expect(JSON.parse(seen.printed)).toHaveLength(2)
    expect(seen.told).toContain('none')
    expect(service.voiceRequests).toHaveLength(1)
  })
})

describe('clone', () => {
  test('uploads the recording, shows how far it is, and prints the id', async () => {
    const { seen, run, service, file } = await start()
    writeFileSync(file('me.wav'), mulawWav(new Uint8Array(80_000).fill(0x11)))
    expect(await run({ kind: 'clone', file: file('me.wav'), described: { name: 'Me', enhance: true } })).toBe(0)
    const made = service.voices.at(-1)
    expect(made?.name).toBe('Me')
    expect(seen.printed).toContain(made?.voice_id)
    expect([seen.progress.length > 1, seen.over]).toEqual([true, 1])
  })

  test('of no file, of a folder or of what is too large is told, and nothing is uploaded', async () => {
    const { run, service, file, seen } = await start()
    writeFileSync(file('large.wav'), Buffer.alloc(11 * 1024 * 1024))
    writeFileSync(file('text.wav'), 'hello')
    for (const [name, message] of [
      ['none.wav', /cannot be read \(ENOENT\)/],
      ['.', /cannot be read \(EISDIR\)/],
      ['large.wav', /11\.0 MB/],
      ['text.wav', /WAV, MP3/],
    ] as const)
      await expect(run({ kind: 'clone', file: file(name), described: { name: 'x' } })).rejects.toMatchObject({
        code: 'usage.invalid',
        message,
      })
    expect(service.voiceRequests).toEqual([])
    expect(seen.over).toBe(1)
  })

  test('that is refused is told in words', async () => {
    const { run, file, seen } = await start({ behaviour: { cloneQuality: 'bad' } })
    writeFileSync(file('me.wav'), mulawWav(new Uint8Array(80_000)))
    await expect(run({ kind: 'clone', file: file('me.wav'), described: { name: 'Me' } })).rejects.toThrow(
      /noise or music/,
    )
    expect(seen.over).toBe(1)
  })
})

test('update prints the voice as it is now', async () => {
  const { seen, run, own } = await start({ json: true })
  expect(await run({ kind: 'update', voiceId: own, changes: { name: 'Renamed' } })).toBe(0)
  expect(JSON.parse(seen.printed)).toMatchObject({ voiceId: own, name: 'Renamed' })
})

describe('delete', () => {
  const command = (voiceId: string, yes = false) => ({ kind: 'delete', voiceId, yes }) as const

  test.each(['y', 'Yes', ' yes '])('asks by name, and is done for "%s"', async (answer) => {
    const { seen, run, own, service } = await start({ answer })
    expect(await run(command(own))).toBe(0)
    expect(seen.asked).toContain('"My voice 1"')
    expect(service.voices.some((voice) => voice.voice_id === own)).toBe(false)
  })

  test.each(['', 'n', 'no', 'yess', 'maybe y'])('asks, and is not done for "%s"', async (answer) => {
    const { seen, run, own, service } = await start({ answer })
    expect(await run(command(own))).toBe(1)
    expect(seen.told).toContain('Nothing was deleted')
    expect(service.voices.some((voice) => voice.voice_id === own)).toBe(true)
  })

  test('is refused where nobody can be asked, unless --yes is given', async () => {
    const { seen, run, own, service } = await start({ json: true })
    await expect(run(command(own))).rejects.toMatchObject({ code: 'usage.invalid', message: /--yes/ })
    expect(service.voiceRequests).toEqual([])
    expect(await run(command(own, true))).toBe(0)
    expect(JSON.parse(seen.printed)).toEqual({ voiceId: own, deleted: true })
    expect(service.voiceRequests.map((request) => request.method)).toEqual(['DELETE'])
  })
})

describe('preview', () => {
  test('is a file that can be heard, under a name that says what it is', async () => {
    const { seen, run, service, file } = await start()
    expect(await run({ kind: 'preview', voiceId: service.voiceId, file: file('out.mp3') })).toBe(0)
    expect(seen.printed).toContain('out.wav')
    const wav = readWav(readFileSync(file('out.wav')))
    expect(wav.audio.length / wav.sampleRateHz).toBeGreaterThan(1)
    expect(existsSync(file('out.mp3'))).toBe(false)
  })

  test('goes over a file that was named, and over no other', async () => {
    const { run, service, file } = await start()
    const preview = (name: string) => run({ kind: 'preview', voiceId: service.voiceId, file: file(name) })
    writeFileSync(file('out.wav'), 'mine')
    await expect(preview('out.mp3')).rejects.toMatchObject({ code: 'usage.invalid', message: /EEXIST.*another name/ })
    expect(readFileSync(file('out.wav'), 'utf8')).toBe('mine')
    expect(await preview('out.wav')).toBe(0)
    await expect(preview('none/out.wav')).rejects.toMatchObject({ code: 'usage.invalid', message: /ENOENT/ })
  })
})

test('the end of a name follows the content', () => {
  const mp3 = Buffer.from('ID3')
  for (const [name, made] of [
    ['a.mp3', 'a.mp3'],
    ['a.MP3', 'a.MP3'],
    ['a.wav', 'a.mp3'],
    ['a', 'a.mp3'],
    ['a.b/c', 'a.b/c.mp3'],
    ['v1.sentence', 'v1.sentence.mp3'],
  ] as const)
    expect(fileNameFor(name, mp3)).toBe(made)
  expect(fileNameFor('a.mp3', Buffer.from('?'))).toBe('a.mp3')
})

test('what others wrote does not steer the terminal', () => {
  expect(printable('a\u001b[31mb\u202ec\nd')).toBe('a [31mb c d')
})
