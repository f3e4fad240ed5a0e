import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { run } from '../command.ts'
import { secrets } from '../world.ts'

let service: AsyncService
const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
beforeAll(async () => {
  service = await startAsyncService({ apiKey: secrets.asyncKey })
})
afterAll(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})
const settings = () => ({ ASYNC_API_KEY: secrets.asyncKey, ASYNC_URL: service.url })
const voices = (...words: string[]) => run(['node', 'scripts/voices.ts', ...words], settings())

describe.concurrent('npm run voices', () => {
  test('needs ASYNC_API_KEY, and is not disturbed by settings that are none of its business', async () => {
    const wrong = { TWILIO_ACCOUNT_SID: 'x', PORT: 'y', SPEECH_PROVIDERS: 'z' }
    const words = ['npm', 'run', '--silent', 'voices', '--', 'list', '--json']
    const listed = await run(words, { ...settings(), ...wrong })
    expect([listed.code, listed.stderr]).toEqual([0, ''])
    expect(JSON.parse(listed.stdout)).toHaveLength(service.voices.length)
    const { code, stdout, stderr } = await run(words, wrong)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe('Settings:\n  ASYNC_API_KEY: missing. Make one at async.com/developer.\n[config.invalid]\n')
  })

  test('a refused key: 1, what to do, and no part of the key', async () => {
    const { code, stdout, stderr } = await run(['node', 'scripts/voices.ts', 'list', '--json'], {
      ...settings(),
      ASYNC_API_KEY: 'sk_wrong_key_987654321',
    })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('ASYNC_API_KEY')
    expect(stderr).not.toMatch(/sk_|4321/)
  })

  test('wrong words: 2; a voice that is not there: 1; --help: 0', async () => {
    expect((await voices('lst')).code).toBe(2)
    const unknown = await voices('show', 'e0f39dc4-f691-4e78-bba5-000000000000')
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('does not know the voice')
    expect(await voices('--help')).toMatchObject({ code: 0, stderr: '' })
  })

  test('deleting without a terminal and without --yes is refused', async () => {
    const own = service.voices.at(-1)?.voice_id ?? ''
    const { code, stderr } = await voices('delete', own)
    expect([code, stderr]).toEqual([2, expect.stringContaining('--yes')])
    expect(service.voices.at(-1)?.voice_id).toBe(own)
  })
})
