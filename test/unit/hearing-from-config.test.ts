import { describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { recognizerOf } from '../../src/hearing-from-config.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'

const complete = {
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  TWILIO_AUTH_TOKEN: 'a-token',
  ASYNC_API_KEY: 'sk_key',
}
const read = (layer: Record<string, string> = {}) => readSettings('simulate', complete, layer)

describe('who listens', () => {
  test('a key of Deepgram is enough, and none of it means nobody', () => {
    expect(recognizerOf(read(), systemClock)).toBeUndefined()
    expect(recognizerOf(read({ DEEPGRAM_API_KEY: 'dg' }), systemClock)?.name).toBe('deepgram')
    expect(recognizerOf(read({ DEEPGRAM_API_KEY: 'dg', HEARING_PROVIDER: 'none' }), systemClock)).toBeUndefined()
  })

  test('Async listens only where it is asked to, also beside a key of Deepgram', () => {
    expect(recognizerOf(read({ HEARING_PROVIDER: 'async' }), systemClock)?.name).toBe('async')
    const both = read({ HEARING_PROVIDER: 'async', DEEPGRAM_API_KEY: 'dg' })
    expect(recognizerOf(both, systemClock)?.name).toBe('async')
  })

  test('a recognizer that is asked for by name needs its key', () => {
    expect(() => read({ HEARING_PROVIDER: 'deepgram' })).toThrow(/DEEPGRAM_API_KEY: missing.*HEARING_PROVIDER/)
    const { ASYNC_API_KEY: _key, ...keyless } = complete
    const local = { SPEECH_PROVIDERS: 'local', HEARING_PROVIDER: 'async' }
    expect(() => readSettings('simulate', keyless, local)).toThrow(/ASYNC_API_KEY: missing.*HEARING_PROVIDER/)
  })

  test('what cannot be is refused with what is expected', () => {
    expect(() => read({ HEARING_PROVIDER: 'google' })).toThrow('HEARING_PROVIDER: expected deepgram, async or none')
    expect(() => read({ HEARING_MODEL: 'no va' })).toThrow('HEARING_MODEL: expected the name of a model such as nova-3')
    expect(() => read({ HEARING_LANGUAGE: 'english' })).toThrow('HEARING_LANGUAGE: expected a language such as en')
  })

  test('a model without hints says so', () => {
    const capabilitiesOf = (model: string) =>
      recognizerOf(read({ DEEPGRAM_API_KEY: 'dg', HEARING_MODEL: model }), systemClock)?.capabilities.phrases
    expect([capabilitiesOf('nova-3'), capabilitiesOf('nova-2-phonecall')]).toEqual([true, false])
    expect(capabilitiesOf('flux-general-en')).toBe(true)
  })

  test.each([
    ['flux-general-en', {}, undefined],
    ['flux-general-en', { HEARING_LANGUAGE: 'en-GB', ASYNC_LANGUAGE: 'de' }, undefined],
    ['flux-general-en', { HEARING_LANGUAGE: 'de' }, /HEARING_MODEL: flux-general-en hears English.*flux-general-multi/],
    ['flux-general-en', { HEARING_LANGUAGE: 'multi' }, /HEARING_MODEL: flux-general-en hears English/],
    ['flux-general-en', { ASYNC_LANGUAGE: 'de' }, /HEARING_MODEL: flux-general-en hears English.*ASYNC_LANGUAGE/],
    ['flux-general-en', { ASYNC_LANGUAGE: 'de', HEARING_PROVIDER: 'none' }, undefined],
    ['flux-general-multi', { HEARING_LANGUAGE: 'pt-BR' }, undefined],
    ['flux-general-multi', { HEARING_LANGUAGE: 'multi' }, undefined],
    ['flux-general-multi', { ASYNC_LANGUAGE: 'pl' }, /HEARING_LANGUAGE: with flux-general-multi expected en, .*nova-3/],
    ['nova-3', { HEARING_LANGUAGE: 'pl' }, undefined],
  ])('a model and a language that do not go together are refused: %s with %j', (model, layer, message) => {
    const reading = () => read({ DEEPGRAM_API_KEY: 'dg', HEARING_MODEL: model, ...layer })
    if (message) expect(reading).toThrow(message)
    else expect(reading().HEARING_MODEL).toBe(model)
  })
})

async function listening(layer: Record<string, string>) {
  const clock = createSteppedClock()
  const service = await startDeepgramService({ clock })
  onTestFinished(() => service.close())
  const { url: DEEPGRAM_URL, apiKey: DEEPGRAM_API_KEY } = service
  const config = read({ DEEPGRAM_URL, DEEPGRAM_API_KEY, ...layer })
  const session = recognizerOf(config, clock)?.open({ signal: new AbortController().signal, heard: () => {} })
  await clock.runUntil(session?.ready ?? Promise.reject(new Error('nobody listens')))
  await clock.runUntil(session?.close() ?? Promise.resolve())
  const asked = ({ sockets }: { readonly sockets: readonly { readonly settings: object }[] }) =>
    sockets.map(({ settings }) => settings)
  return { endpoints: asked(service.listening), turns: asked(service.turns) }
}

test.each([
  [{}, undefined],
  [{ ASYNC_LANGUAGE: 'de' }, 'de'],
  [{ ASYNC_LANGUAGE: 'de', HEARING_LANGUAGE: 'pt-BR' }, 'pt-BR'],
])('with %j the language is %s, and the model that of the settings', async (layer, language) => {
  const { endpoints, turns } = await listening({ HEARING_MODEL: 'nova-2-phonecall', ...layer })
  expect(endpoints).toMatchObject([{ model: 'nova-2-phonecall', language }])
  expect(turns).toEqual([])
})

test.each([
  [{ HEARING_MODEL: 'flux-general-en', HEARING_LANGUAGE: 'en-US' }, []],
  [{ HEARING_MODEL: 'flux-general-multi' }, []],
  [{ HEARING_MODEL: 'flux-general-multi', HEARING_LANGUAGE: 'multi' }, []],
  [{ HEARING_MODEL: 'flux-general-multi', ASYNC_LANGUAGE: 'de' }, ['de']],
])('a model of Flux listens by turns, and with %j the hints are %j', async (layer, languageHints) => {
  const { endpoints, turns } = await listening(layer)
  expect(turns).toMatchObject([{ model: layer.HEARING_MODEL, languageHints }])
  expect(endpoints).toEqual([])
})

test.each([
  [{}, undefined],
  [{ ASYNC_LANGUAGE: 'de', HEARING_LANGUAGE: 'pt-BR' }, 'pt'],
  [{ HEARING_LANGUAGE: 'multi' }, undefined],
])('with %j Async is told the language %s, and HEARING_MODEL is none of its business', async (layer, language) => {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock })
  onTestFinished(() => service.close())
  const { url: ASYNC_URL, apiKey: ASYNC_API_KEY } = service
  const config = read({ ASYNC_URL, ASYNC_API_KEY, HEARING_PROVIDER: 'async', HEARING_MODEL: 'nova-2', ...layer })
  const session = recognizerOf(config, clock)?.open({ signal: new AbortController().signal, heard: () => {} })
  await clock.runUntil(session?.ready ?? Promise.reject(new Error('nobody listens')))
  expect(service.listening.sockets[0]?.settings).toMatchObject({ model: 'async_asr_v1.0', language })
  await clock.runUntil(session?.close() ?? Promise.resolve())
})
