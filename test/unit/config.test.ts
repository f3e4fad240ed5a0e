import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { aliasNames, readConfig, settingNames } from '../../src/config.ts'
import { readEnvironment, settingOf } from '../../src/environment.ts'
import { BridgeError } from '../../src/errors.ts'
import { deepgramUrl, providerOf } from '../../src/speech-from-config.ts'
import { systemClock } from '../../src/ops/clock.ts'

const complete = {
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  TWILIO_AUTH_TOKEN: 'a-token',
  TWILIO_FROM_NUMBER: '+15005550006',
  ASYNC_API_KEY: 'sk_key',
  NGROK_AUTHTOKEN: 'ng_token',
}

function problemsOf(need: 'serve' | 'dial', ...layers: Record<string, string>[]): BridgeError {
  try {
    readConfig(need, ...layers)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(BridgeError)
    return thrown as BridgeError
  }
  throw new Error('expected the settings to be refused')
}

describe('settings', () => {
  test('the five lines of a real call are enough', () => {
    const config = readConfig('dial', complete)
    expect(config.ASYNC_URL).toBe('https://api.async.com')
    expect(config.RING_TIMEOUT_MS).toBe(60_000)
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('all missing settings are told at once, by name, with where to find them', () => {
    const error = problemsOf('dial', {})
    expect(error.code).toBe('config.invalid')
    for (const name of Object.keys(complete)) expect(error.message).toContain(`${name}: missing`)
    expect(error.details['problems']).toBe(5)
  })

  test('missing and wrong settings are told together, and no value is repeated', () => {
    const error = problemsOf('serve', {
      TWILIO_ACCOUNT_SID: 'hunter2-sid',
      TWILIO_API_SECRET: 'hunter2-secret',
      ASYNC_API_KEY: 'hunter2-key',
      PORT: 'hunter2-port',
      PUBLIC_URL: 'http://hunter2.example.com',
      ASYNC_VOICE_ID: 'hunter2-voice',
    })
    for (const name of [
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'TWILIO_API_KEY',
      'PORT',
      'PUBLIC_URL',
      'ASYNC_VOICE_ID',
    ])
      expect(error.message).toContain(`${name}: `)
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
  })

  test('README shows the settings of a real call as they stand in the first block of .env.example', () => {
    const block = /# --- A real call[^\n]*\n((?:[A-Z_]+=\n)+)/.exec(readFileSync('.env.example', 'utf8'))?.[1] ?? ''
    const shown = /```text\n([^`]*)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
    expect(shown.replace(/^ +/gm, '')).toBe(block)
    expect(block.trim().split('\n')).toHaveLength(Object.keys(complete).length)
  })

  test('the later layer wins, an empty value counts as not given, and aliases of Async’s guide are read', () => {
    const config = readConfig(
      'dial',
      { ...complete, GREETING: 'first', PORT: '4000' },
      { GREETING: 'second', PORT: '', INBOUND_NUMBER: '+15005550001' },
    )
    expect(config.GREETING).toBe('second')
    expect(config.PORT).toBe(4000)
    expect(config.TWILIO_FROM_NUMBER).toBe('+15005550001')
  })

  test('base URLs are https, or http on this machine only; nothing but scheme, host and path', () => {
    for (const url of ['http://127.0.0.1:4010', 'http://localhost:1/', 'http://[::1]:2', 'https://x.example/prefix/'])
      expect(readConfig('serve', complete, { TWILIO_API_URL: url }).TWILIO_API_URL).toBe(url.replace(/\/$/, ''))
    for (const url of ['http://10.0.0.1', 'ws://127.0.0.1', 'https://u:p@x.example', 'https://x.example/?a=1', 'x'])
      expect(problemsOf('serve', complete, { TWILIO_API_URL: url }).message).toContain('TWILIO_API_URL: expected')
  })

  test('every problem says in our words what was expected, and a whole number its range', () => {
    for (const name of settingNames) {
      for (const value of ['?', '-1', '1e99', '1.5']) {
        let message = ''
        try {
          readConfig('serve', complete, { [name]: value })
        } catch (thrown) {
          message = (thrown as BridgeError).message
        }
        for (const line of message.split('\n').slice(1)) expect(line).toMatch(/: (expected |missing)/)
        expect(message).not.toMatch(/invalid|too (small|big)|option/i)
      }
    }
    const ranges = { PORT: '0 to 65535', RING_TIMEOUT_MS: '1000 to 600000', MAX_MESSAGE_CHARS: '1 to 1000000' }
    for (const [name, range] of Object.entries(ranges)) {
      for (const value of ['x', '-1', '1.5', '9999999'])
        expect(problemsOf('serve', complete, { [name]: value }).message).toContain(
          `${name}: expected a whole number from ${range}`,
        )
    }
    expect(problemsOf('serve', complete, { LOG_LEVEL: 'loud' }).message).toContain('LOG_LEVEL: expected one of trace')
  })

  test('Twilio takes ringing times from one second to ten minutes', () => {
    expect(readConfig('serve', complete, { RING_TIMEOUT_MS: '1000' }).RING_TIMEOUT_MS).toBe(1000)
    expect(readConfig('serve', complete, { RING_TIMEOUT_MS: '600000' }).RING_TIMEOUT_MS).toBe(600_000)
  })

  test('--voice is a voice of the provider that speaks first', () => {
    const voiced = (list: string, voice: string) =>
      readConfig('serve', complete, { SPEECH_PROVIDERS: list }, { '--voice': voice })
    const keyed = { DEEPGRAM_API_KEY: 'a-key' }
    expect(
      readConfig('serve', complete, keyed, { SPEECH_PROVIDERS: 'deepgram@eu,async' }, { '--voice': 'aura-2-apollo-en' })
        .DEEPGRAM_VOICE,
    ).toBe('aura-2-apollo-en')
    expect(() => voiced('async,local', 'aura-2-apollo-en')).toThrow('--voice: expected the UUID')
  })

  test('a problem is told under the name that was written: an option, an alias, or the setting', () => {
    expect(problemsOf('dial', complete, { '--voice': 'x' }).message).toContain('\n  --voice: expected the UUID')
    expect(problemsOf('dial', complete, { '--language': 'x' }).message).toContain(
      '\n  --language: expected two letters',
    )
    expect(problemsOf('dial', { ...complete, ASYNC_VOICE_ID: 'x' }).message).toContain('\n  ASYNC_VOICE_ID: expected')
  })

  test('API keys are separated by commas; short ones are refused and not repeated', () => {
    const keys = readConfig('serve', complete, { API_KEYS: 'a-key-of-enough-length, another-key-of-length' }).API_KEYS
    expect(keys).toEqual(['a-key-of-enough-length', 'another-key-of-length'])
    expect(readConfig('serve', complete).API_KEYS).toEqual([])
    const error = problemsOf('serve', complete, { API_KEYS: 'a-key-of-enough-length,hunter2' })
    expect(error.message).toContain('API_KEYS: expected keys of at least 16 characters')
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
  })

  test('allowed countries are ISO codes', () => {
    expect(readConfig('serve', complete, { ALLOWED_COUNTRIES: 'US, CA' }).ALLOWED_COUNTRIES).toEqual(['US', 'CA'])
    for (const countries of ['USA', 'us', 'US;CA', '1', 'US,XX'])
      expect(problemsOf('serve', complete, { ALLOWED_COUNTRIES: countries }).message).toContain('ALLOWED_COUNTRIES')
  })

  test('region and edge come together, since a region alone leads to a dead host', () => {
    expect(problemsOf('serve', complete, { TWILIO_REGION: 'ie1' }).message).toContain('TWILIO_EDGE: missing')
    expect(readConfig('serve', complete, { TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dublin' }).TWILIO_EDGE).toBe('dublin')
  })

  test('speech providers are a list, in its order, of what there is; anything else is told with all that is allowed', () => {
    const { ASYNC_API_KEY: _key, ...rest } = complete
    const read = (list: string) =>
      readConfig('serve', complete, { SPEECH_PROVIDERS: list, DEEPGRAM_API_KEY: 'dg_key' }).SPEECH_PROVIDERS
    expect(readConfig('serve', complete).SPEECH_PROVIDERS).toEqual(['async'])
    expect(read('local, deepgram@eu,deepgram, async')).toEqual(['local', 'deepgram@eu', 'deepgram', 'async'])
    for (const list of [
      'hunter2',
      'async,async',
      'deepgram@us',
      'async@eu',
      ',',
      'async;local',
      'deepgram,deepgram@eu,deepgram',
    ]) {
      const { message } = problemsOf('serve', complete, { SPEECH_PROVIDERS: list, DEEPGRAM_API_KEY: 'dg_key' })
      expect(message).toContain(
        'SPEECH_PROVIDERS: expected a list of async, async-http, deepgram, deepgram@eu, deepgram@au, deepgram@in, local, each at most once',
      )
      expect(message).not.toContain('hunter2')
    }
    expect(problemsOf('serve', complete, { SPEECH_PROVIDERS: 'local,asinc' }).message).toContain(
      '; number 2 of yours is none of them',
    )
    const both = problemsOf('serve', rest, { SPEECH_PROVIDERS: 'async,deepgram@eu,deepgram,local' })
    expect(both.details['problems']).toBe(2)
    expect(both.message).toMatch(/ASYNC_API_KEY: missing.*\n.*DEEPGRAM_API_KEY: missing/)
    expect(problemsOf('serve', rest, { SPEECH_PROVIDERS: 'deepgram@au' }).message).toContain('console.deepgram.com')
    expect(problemsOf('serve', complete, { DEEPGRAM_VOICE: 'thalia' }).message).toContain('DEEPGRAM_VOICE: expected')
  })

  test('FLOW_PARAMETERS is an object of texts, and a problem with it quotes none of them', () => {
    expect(readConfig('serve', complete).FLOW_PARAMETERS).toEqual({})
    const { FLOW_PARAMETERS } = readConfig('serve', complete, { FLOW_PARAMETERS: '{"operator": "+15551234567"}' })
    expect(FLOW_PARAMETERS).toEqual({ operator: '+15551234567' })
    for (const text of [
      '+15551239876',
      '["+15551239876"]',
      '{"n": 15551239876}',
      '{"n": {"m": "+15551239876"}}',
      'null',
    ]) {
      const { message } = problemsOf('serve', complete, { FLOW_PARAMETERS: text })
      expect(message).toContain('FLOW_PARAMETERS: expected a JSON object of texts')
      expect(message).not.toContain('9876')
    }
  })

  test('FLOWS names a flow for each number, and one for all others', () => {
    expect(readConfig('serve', complete).FLOWS).toEqual(new Map())
    const { FLOWS } = readConfig('serve', complete, { FLOWS: ' +15551234567=menu, *=my-flow' })
    expect(FLOWS).toEqual(
      new Map([
        ['+15551234567', 'menu'],
        ['*', 'my-flow'],
      ]),
    )
    for (const list of ['menu', '5551234567=menu', '+15551234567=', '*=a,*=b', '+15551234567=a b', '**=menu'])
      expect(problemsOf('serve', complete, { FLOWS: list }).message).toContain(
        'FLOWS: expected numbers with the name of a flow, such as +15551234567=menu,*=notify, each number once',
      )
  })

  test('a region of Deepgram has a host of its own, except on this machine, where an emulator stands for all', () => {
    const hostOf = (entry: 'deepgram' | 'deepgram@eu' | 'deepgram@au' | 'deepgram@in', url?: string) => {
      const layer = url === undefined ? {} : { DEEPGRAM_URL: url }
      return deepgramUrl(entry, readConfig('serve', complete, layer).DEEPGRAM_URL)
    }
    expect(hostOf('deepgram')).toBe('https://api.deepgram.com')
    expect(hostOf('deepgram@eu')).toBe('https://api.eu.deepgram.com')
    expect(hostOf('deepgram@au')).toBe('https://api.au.deepgram.com')
    expect(hostOf('deepgram@in')).toBe('https://api.in.deepgram.com')
    for (const url of ['http://127.0.0.1:4020', 'http://localhost:4020', 'http://[::1]:4020'])
      expect([hostOf('deepgram@eu', url), hostOf('deepgram', url)]).toEqual([url, url])
  })

  test.each(['async', 'deepgram', 'deepgram@eu', 'local'] as const)('the provider of %s bears its name', (entry) => {
    expect(providerOf(entry, readConfig('serve', complete), systemClock).name).toBe(entry)
  })

  test('the offline voice needs no Async key, a public URL no ngrok token', () => {
    const { ASYNC_API_KEY: _key, NGROK_AUTHTOKEN: _token, ...rest } = complete
    expect(() => readConfig('dial', rest, { SPEECH_PROVIDERS: 'local', PUBLIC_URL: 'https://x.example' })).not.toThrow()
  })

  test('.env.example and docs/settings.md name exactly the settings that exist', () => {
    const inExample = [...readFileSync('.env.example', 'utf8').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(
      (m) => m[1],
    )
    expect(inExample.sort()).toEqual([...settingNames].sort())
    const inDocs = [...readFileSync('docs/settings.md', 'utf8').matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map((m) => m[1])
    expect([...new Set(inDocs)].sort()).toEqual([...settingNames, ...aliasNames].sort())
  })
})

describe('layers', () => {
  test('a word that sets what is no setting is refused; such a name in .env is nobody’s business', () => {
    const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, '.env')
    writeFileSync(file, 'PROT=1\nPORT=2\n')
    expect(() => readEnvironment(['PROT=1'], settingNames, file)).toThrow('PROT is no setting')
    expect(readEnvironment([], settingNames, file).at(1)).toEqual({ PROT: '1', PORT: '2' })
  })

  test('a file of settings that is there and cannot be read is no empty one', () => {
    expect(() => readEnvironment([], [], tmpdir())).toThrow(/cannot be read \(EISDIR\)/)
  })

  test('NAME=value words are settings, other words are refused', () => {
    const layers = readEnvironment(['PORT=1', 'GREETING=a=b'], settingNames, '/nonexistent/.env')
    expect(layers.at(-1)).toEqual({ PORT: '1', GREETING: 'a=b' })
    expect(() => readEnvironment(['hello'])).toThrow('NAME=value')
    expect(settingOf('lower=1')).toBeUndefined()
  })
})
