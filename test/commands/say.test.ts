import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeMulaw } from '../../src/audio/mulaw.ts'
import { readWav } from '../../src/audio/read-wav.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { run } from '../command.ts'
import { parseWebVtt } from '../web-vtt.ts'
import { secrets } from '../world.ts'

const text = 'Your order has shipped. It comes tomorrow.'
const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
let service: AsyncService
beforeAll(async () => {
  service = await startAsyncService({ apiKey: secrets.asyncKey })
})
afterAll(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})
const settings = () => ({ ASYNC_API_KEY: secrets.asyncKey, ASYNC_URL: service.url })
const out = (name: string) => join(folder, name)
const say = (words: string[], env: Record<string, string> = settings(), input = '') =>
  run(['node', 'scripts/say.ts', ...words], env, input)

/** Seconds, and the level (root mean square) in 16-bit steps. */
function heard(file: string): { seconds: number; level: number } {
  const { encoding, audio, sampleRateHz } = readWav(readFileSync(file))
  const samples = encoding === 'mulaw' ? decodeMulaw(audio) : audio
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0)
  return { seconds: samples.length / sampleRateHz, level: Math.sqrt(energy / samples.length) }
}

describe.concurrent('npm run say', () => {
  test('writes a WAV file that can be heard, of the quality that is asked for', async () => {
    const file = out('out.wav')
    const { code, stdout, stderr } = await run(
      ['npm', 'run', '--silent', 'say', '--', text, file, '--rate', '16000'],
      settings(),
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Wrote .*out\.wav \(2\.5 s, \d+ kB\)\.\n$/)
    expect(readWav(readFileSync(file))).toMatchObject({ encoding: 'pcm16', sampleRateHz: 16_000 })
    const { seconds, level } = heard(file)
    expect(seconds).toBeCloseTo((text.length * 60) / 1000, 1)
    expect(level).toBeGreaterThan(1000)
  })

  test('reads the text from standard input, and writes when each word is said', async () => {
    const { code, stdout } = await say(['-', out('timed.wav'), '--timestamps'], settings(), `${text}\n`)
    expect([code, stdout.trim().split('\n')]).toEqual([0, expect.objectContaining({ length: 3 })])
    const { words } = JSON.parse(readFileSync(out('timed.words.json'), 'utf8')) as {
      words: { word: string; startMs: number; endMs: number }[]
    }
    expect(words.map(({ word }) => word).join(' ')).toBe(text)
    const cues = parseWebVtt(readFileSync(out('timed.vtt'), 'utf8'))
    expect(cues.map((cue) => cue.text)).toEqual(['Your order has shipped.', 'It comes tomorrow.'])
    expect(cues[1]?.startMs).toBe(words[4]?.startMs)
    expect((cues[1]?.endMs ?? 0) / 1000).toBeLessThanOrEqual(heard(out('timed.wav')).seconds + 0.01)
  })

  test('--provider async-http writes what a call would hear', async () => {
    const file = out('call.wav')
    expect((await say([text, file, '--provider', 'async-http'])).code).toBe(0)
    expect(readWav(readFileSync(file))).toMatchObject({ encoding: 'mulaw', sampleRateHz: 8000 })
    expect(heard(file).seconds).toBeCloseTo(((text.length - 1) * 60) / 1000, 1)
  })

  test('the offline voice needs no setting at all, and no wrong one of Twilio stops it', async () => {
    const file = out('local.wav')
    const { code, stderr } = await say([text, file, '--provider', 'local'], { TWILIO_ACCOUNT_SID: 'x' })
    expect([code, stderr]).toEqual([0, ''])
    const { seconds, level } = heard(file)
    expect(seconds).toBeGreaterThan(1.5)
    expect(seconds).toBeLessThan(6)
    expect(level).toBeGreaterThan(200)
    const chosen = await say(['Hi.', out('set.wav')], { SPEECH_PROVIDERS: 'local' })
    expect([chosen.code, readWav(readFileSync(out('set.wav'))).encoding]).toEqual([0, 'mulaw'])
  })

  test('wrong words and settings: 2, nothing is spoken and nothing written', { timeout: 60_000 }, async () => {
    const file = out('never.wav')
    const spoken = service.spoken.length
    const cases: [words: string[], said: string, env?: Record<string, string>][] = [
      [[text], 'a text and a file'],
      [['', file], 'empty one'],
      [['Здравствуйте.', file], 'Cyrillic'],
      [[text, file, '--speed', '1.5'], 'async_flash_v1.0'],
      [[text, file, '--provider', 'local', '--timestamps'], 'does not tell when a word is said'],
      [[text, file, '--provider', 'other'], 'async, async-http, deepgram'],
      [[text, join(folder, 'none', 'x.wav')], 'ENOENT'],
      [[text, file], 'ASYNC_API_KEY: missing', {}],
      [[text, file, '--voice', 'x'], '--voice: expected the UUID'],
    ]
    for (const [words, said, env] of cases) {
      const { code, stdout, stderr } = await say(words, env ?? settings())
      expect(stderr).toContain(said)
      expect([code, stdout]).toEqual([2, ''])
    }
    expect(existsSync(file)).toBe(false)
    // Others speak meanwhile, but none of these texts.
    expect(service.spoken.slice(spoken).some((one) => one.transcript.includes('Здравствуйте'))).toBe(false)
  })

  test('what Async refuses: 1, in words, and no part of the key', async () => {
    const { code, stdout, stderr } = await say([text, out('x.wav')], {
      ...settings(),
      ASYNC_API_KEY: 'sk_wrong_key_4321',
    })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('ASYNC_API_KEY')
    expect(stderr).not.toMatch(/sk_wrong|4321/)
  })
})
