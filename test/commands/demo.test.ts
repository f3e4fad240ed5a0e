import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createLocalVoice } from '../../src/speech/local/voice.ts'
import { checkout, run, start } from '../command.ts'

const demo = ['node', 'scripts/demo.ts']
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function newFolder(): string {
  const folder = checkout()
  folders.push(folder)
  return folder
}

/** The samples of a recording, by the length its header gives. */
function samplesOf(file: string): Buffer {
  const wav = readFileSync(file)
  const at = wav.indexOf('data')
  return wav.subarray(at + 8, at + 8 + wav.readUInt32LE(at + 4))
}

/** What the offline voice makes of a text, if it is the first thing it says. */
async function spoken(text: string): Promise<Buffer> {
  const voice = createLocalVoice()
  const pieces: Uint8Array[] = []
  for await (const piece of voice.speak(text, { signal: new AbortController().signal })) pieces.push(piece)
  await voice.close()
  return Buffer.concat(pieces)
}

/** Without the value of silence, which a busy machine may put between two chunks that come late. */
const sound = (mulaw: Buffer) => Buffer.from(mulaw.filter((value) => value !== 0xff))

describe.concurrent('npm run demo', () => {
  const texts = ['Nine lemons.', '-5 degrees.']
  test.each(texts)('speaks the text that is given (%s), and keeps what the phone played of it', async (text) => {
    const folder = newFolder()
    const { code, stdout } = await run([...demo, '--save', 'other.wav', '--', text], {}, '', folder)
    expect(stdout).toContain('What the phone played is in other.wav.')
    const audio = await spoken(text)
    expect(audio.length).toBeGreaterThan(4000)
    expect(sound(samplesOf(join(folder, 'other.wav'))).equals(sound(audio))).toBe(true)
    expect(existsSync(join(folder, 'demo.wav'))).toBe(false)
    expect(code).toBe(0)
  })

  test('reads no settings: what stands in .env or the environment does not reach it', async () => {
    const folder = newFolder()
    writeFileSync(
      join(folder, '.env'),
      'TWILIO_API_URL=https://api.twilio.com\nASYNC_URL=https://api.async.com\nPORT=x\n',
    )
    const { code } = await run([...demo, 'Hi.'], { ASYNC_VOICE_ID: 'none', MACHINE_DETECTION: 'maybe' }, '', folder)
    expect(existsSync(join(folder, 'demo.wav'))).toBe(true)
    expect(code).toBe(0)
  })

  test('a file that cannot be written is told before the call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
    folders.push(folder)
    for (const file of [join(folder, 'no', 'where.wav'), folder]) {
      const { code, stdout, stderr } = await run([...demo, 'Hi.', '--save', file])
      expect(stderr).toContain('--save')
      expect(stdout).toBe('')
      expect(code).toBe(2)
    }
  })

  test('words that would come to nothing are refused before the call, with what is possible', async () => {
    for (const [words, told] of [
      [['Hi.', '--save', 'x.mp3'], 'ends in .wav; ".mp3" came'],
      [['Hi.', '--keys', '1'], '--keys: nothing asks for keys'],
      [['Hi.', '--flow', 'menu'], 'The flow menu does nothing with a text. Its parameters: hours, operator, timeZone.'],
      [
        ['--flow', 'reminder', '--parameter', 'naem=Ada'],
        'the parameter naem. Its parameters: name, appointment, days.',
      ],
      [['--flow', 'remindre'], '(notify, alert, menu, parrot, reminder, survey); "remindre" came'],
      [['--flow', 'menu', '--kyes', '1'], 'The options are --flow, --keys, --says, --parameter, --save, --help.'],
    ] as const) {
      const { code, stdout, stderr } = await run([...demo, ...words])
      expect(stderr).toContain(told)
      expect([code, stdout]).toEqual([2, ''])
    }
  })

  test('the sentences are shown as they are heard; a parameter nobody looked at and keys left over are told', async () => {
    const folder = newFolder()
    writeFileSync(
      join(folder, 'one.ts'),
      'export default async (call) => { await call.say("Hi " + call.parameters.name + ".") }\n',
    )
    const words = ['--flow', './one.ts', '--parameter', 'name=Ada', '--parameter', 'naem=x', '--keys', '1,2,3']
    const { code, stdout, stderr } = await run([...demo, ...words], {}, '', folder)
    expect(stdout).toMatch(/ says {8}"Hi Ada\."\n/)
    expect(stderr).toContain('The flow never looked at what it was given as naem.\n')
    expect(stderr).toMatch(/The call was over before 1, 2, 3 was pressed or said\.\n/)
    expect(code).toBe(0)
  })

  test('Ctrl-C while it rings: hangs up, 130, and what was recorded before is not replaced by nothing', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'demo.wav'), 'of yesterday')
    const running = start(demo, {}, '', folder)
    await running.printed('dialling')
    running.signal('SIGINT')
    const { code, stdout, stderr } = await running.finished
    expect(stdout).toMatch(/hung up {5}cancelled\n.*canceled\n$/s)
    expect(stderr).toContain('Hanging up.')
    expect(stderr).toContain('Nothing was heard, so demo.wav was not written.')
    expect(readFileSync(join(folder, 'demo.wav'), 'utf8')).toBe('of yesterday')
    expect(code).toBe(130)
  })

  test('Ctrl-C while it speaks: hangs up, 130, and keeps what was played until then', async () => {
    const folder = newFolder()
    const running = start([...demo, 'One two three four five six seven eight nine ten. '.repeat(5)], {}, '', folder)
    await running.printed(' s of ')
    running.signal('SIGINT')
    const { code, stdout } = await running.finished
    expect(stdout).toContain('partly-heard (cancelled)')
    expect(stdout).toContain('What the phone played is in demo.wav.')
    expect(samplesOf(join(folder, 'demo.wav')).length).toBeGreaterThan(8000)
    expect(code).toBe(130)
  })

  test('options that npm took for its own: says so, and how to write it', async () => {
    const eaten = await run(['npm', 'run', '--silent', 'demo', 'Hi.', '--save', 'x.wav'])
    expect(eaten.stderr).toContain('put -- before the first option')
    expect(eaten.code).toBe(2)
  })

  test('a text that begins with -: says where it stands', async () => {
    const { code, stderr } = await run(['npm', 'run', '--silent', 'demo', '--', '-5 degrees'])
    expect(stderr).toContain('-- -- "-5 degrees"')
    expect(code).toBe(2)
  })
})
