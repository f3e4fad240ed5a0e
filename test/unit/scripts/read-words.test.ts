import { describe, expect, test } from 'vitest'
import { readWords } from '../../../scripts/read-words.ts'

const options = { save: { type: 'string' }, voice: { type: 'string' }, json: { type: 'boolean' } } as const
const read = (words: string[], env: Record<string, string> = {}) =>
  readWords(words, { allowPositionals: true, options }, env)

describe('the words of a command', () => {
  test('a text that begins with - is told where to stand, and stands there', () => {
    for (const text of ['-5 degrees', '-x y', '--- attention ---'])
      expect(() => read([text])).toThrow('behind one more --, as in: -- -- "-5 degrees"')
    expect(read(['--', '-5 degrees']).positionals).toEqual(['-5 degrees'])
    expect(() => read(['--colour'])).toThrow(
      /^Unknown option '--colour'\. The options are --save, --voice, --json\. See --help\.$/,
    )
  })

  test('options that npm took for its own are missed, not ignored', () => {
    const npm = { npm_lifecycle_event: 'dial', npm_config_voice: 'true', npm_config_json: 'true' }
    expect(() => read(['+15551234567', 'Hi.', 'abc'], npm)).toThrow(/npm took --voice, --json .* npm run dial -- …/)
    // The same given to us, or set in the shell of somebody who did not use npm.
    expect(read(['--voice=abc', '--json'], npm).values).toMatchObject({ voice: 'abc', json: true })
    expect(read(['Hi.'], { npm_config_json: 'true' }).positionals).toEqual(['Hi.'])
  })
})
