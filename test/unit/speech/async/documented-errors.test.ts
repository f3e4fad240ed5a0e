import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../../../src/simulator/async/error-frames.ts'
import { handshakeError } from '../../../../src/speech/async/errors.ts'
import { readFrame } from '../../../../src/speech/async/protocol.ts'
import type { SpeechEnd } from '../../../../src/speech/provider.ts'
import { audioMs, lose, sayAll, stage } from './line-fake.ts'

interface Row {
  readonly asyncCode: string
  /** Of the HTTP answer that carries it. */
  readonly status: number
  readonly extra?: unknown
  readonly told: 'speech.refused' | 'speech.busy' | 'speech.lost' | 'speech.unavailable'
  /** What the user is told to look at. */
  readonly words: RegExp
}

const settings = /Check ASYNC_VOICE_ID, ASYNC_MODEL_ID and the language/
const key = 'sk_1…9999'

/** Every error that Async documents or was seen to send, and those its emulator makes up for want of a name. */
const rows: readonly Row[] = [
  { asyncCode: 'INVALID_LANGUAGE', status: 400, told: 'speech.refused', words: /Change the language, leave it out/ },
  { asyncCode: 'FORMAT_NOT_RECOGNIZED', status: 400, told: 'speech.refused', words: /another ASYNC_MODEL_ID/ },
  {
    asyncCode: 'VOICE_FIELD_UPDATE_NOT_ALLOWED',
    status: 400,
    extra: { field: key },
    told: 'speech.refused',
    words: /does not let this be changed/,
  },
  { asyncCode: 'SHORT_SPEECH_DURATION', status: 400, told: 'speech.refused', words: /3 seconds of speech or more/ },
  { asyncCode: 'BAD_SPEECH_QUALITY', status: 400, told: 'speech.refused', words: /Record one speaker/ },
  { asyncCode: 'VOICE_CLONE_LIMIT_EXCEEDED', status: 400, told: 'speech.refused', words: /Delete one/ },
  {
    asyncCode: 'INVALID_API_KEY',
    status: 401,
    extra: { api_key: key },
    told: 'speech.refused',
    words: /Check ASYNC_API_KEY/,
  },
  {
    asyncCode: 'VOICE_NOT_FOUND',
    status: 404,
    extra: { voice_id: key },
    told: 'speech.refused',
    words: /ASYNC_VOICE_ID/,
  },
  { asyncCode: 'VERSION_NOT_FOUND', status: 404, told: 'speech.refused', words: /Set ASYNC_VERSION=v1/ },
  { asyncCode: 'VOICE_PREVIEW_NOT_FOUND', status: 404, told: 'speech.refused', words: /no preview of this voice/ },
  { asyncCode: 'TOKEN_NOT_FOUND', status: 404, told: 'speech.refused', words: /Check ASYNC_API_KEY/ },
  { asyncCode: 'FILE_TOO_LARGE', status: 413, told: 'speech.refused', words: /at most 10 MB/ },
  {
    asyncCode: 'TOO_MANY_CONCURRENT_REQUESTS',
    status: 429,
    extra: { limit: 5, current: 7 },
    told: 'speech.busy',
    words: /fewer calls at the same time/,
  },
  {
    asyncCode: 'RATE_LIMIT_EXCEEDED',
    status: 429,
    extra: { limit: 120, retry_after_ms: 8500 },
    told: 'speech.busy',
    words: /start calls more slowly/,
  },
  {
    asyncCode: 'USAGE_LIMIT_EXCEEDED',
    status: 429,
    extra: { limit: 1_000_000, current: 1_250_000 },
    told: 'speech.refused',
    words: /used up its allowance/,
  },
  { asyncCode: 'TIMEOUT', status: 408, extra: null, told: 'speech.lost', words: /heard nothing from us/ },
  { asyncCode: 'QUOTA_EXCEEDED', status: 429, told: 'speech.refused', words: /used up its allowance/ },
  { asyncCode: 'MODEL_NOT_FOUND', status: 404, told: 'speech.refused', words: settings },
  { asyncCode: 'INVALID_REQUEST', status: 400, told: 'speech.refused', words: settings },
  { asyncCode: 'NOT_FOUND', status: 404, told: 'speech.refused', words: settings },
  { asyncCode: 'INTERNAL_SERVER_ERROR', status: 500, told: 'speech.unavailable', words: /fault of its own/ },
]
const retried = ({ told }: Row) => told !== 'speech.refused'
const flat = ({ asyncCode, extra }: Row) => ({
  error_code: asyncCode,
  message: `It was ${key} that said these words.`,
  request_id: 'unknown',
  extra,
})
const forms = [
  ['flat', flat],
  ['in detail', (row: Row) => ({ detail: flat(row) })],
] as const

/** It is told in our words: nothing of Async's own, or of `extra`, is. */
function expectTold(error: unknown, row: Row): void {
  expect(error).toMatchObject({ code: row.told, message: row.words, retryable: retried(row) })
  expect(error).toMatchObject({ details: { asyncCode: row.asyncCode } })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/sk_1|these words/)
}

function expectFailed(ends: readonly SpeechEnd[] | undefined, row: Row): void {
  expect(ends).toHaveLength(1)
  const [end] = ends ?? []
  expectTold(end?.kind === 'failed' ? end.error : end, row)
}

describe.each(rows)('$asyncCode is told as $told', (row) => {
  test.each(forms)('refused handshake, %s: tried again only if it may pass', async (_form, body) => {
    const { clock, lines, line, session } = await stage({ open: false })
    const frame = readFrame(JSON.stringify(body(row)))
    lose(line(), handshakeError(row.status, frame.kind === 'error' ? frame : undefined))
    await clock.advance(14_000)
    expect(lines).toHaveLength(retried(row) ? 2 : 1)
    if (retried(row)) await session.close()
    else expectTold(await session.ready.catch((thrown: unknown) => thrown), row)
  })

  test.each(forms)(
    'after the init, %s: tried again when it may pass, not before the service says',
    async (_form, body) => {
      const { clock, lines, line, session } = await stage()
      line().say(body(row))
      const againAfterMs = row.asyncCode === 'RATE_LIMIT_EXCEEDED' ? 8500 : 250
      await clock.advance(againAfterMs - 1)
      expect(lines).toHaveLength(1)
      await clock.advance(1)
      expect(lines).toHaveLength(retried(row) ? 2 : 1)
      if (retried(row)) await session.close()
      else expectTold(await session.ready.catch((thrown: unknown) => thrown), row)
    },
  )

  test.each(forms)('amid an utterance, %s: fails it; the next one is tried if it may pass', async (_form, body) => {
    const on = await stage()
    const first = on.speak('One two three four.')
    const [second] = sayAll(on, 'Two.')
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(20), final: false })
    on.line().say(body(row))
    expectFailed(first.ends, row)
    await on.clock.advance(0)
    if (on.line().closed === undefined) on.line().events.opened()
    const tried = on.lines.flatMap((line) => line.texts()).includes('Two. ')
    expect(tried).toBe(retried(row))
    if (tried) expect(second?.ends).toEqual([])
    else expectFailed(second?.ends, row)
  })

  test('with the id of its context: that utterance only, whatever it is', async () => {
    const on = await stage()
    const [first, second] = sayAll(on, 'One.', 'Two.')
    on.line().say({ ...flat(row), context_id: on.line().contexts()[0] })
    await on.clock.advance(0)
    if (row.told === 'speech.lost') {
      // The connection is gone: before any audio it is said again on the next.
      await on.clock.advance(250)
      on.line().events.opened()
      expect(on.lines.map((line) => line.texts())).toEqual([['One. '], ['One. ']])
    } else {
      expectFailed(first?.ends, row)
      expect(on.line().texts()).toEqual(['One. ', 'Two. '])
    }
    expect(second?.ends).toEqual([])
  })
})

test('every code that the emulated service may send has its row', () => {
  expect(errorCodes.filter((code) => !rows.some((row) => row.asyncCode === code))).toEqual([])
})

test.each([
  [400, 'speech.refused', /ASYNC_URL/],
  [401, 'speech.refused', /ASYNC_API_KEY/],
  [402, 'speech.refused', /topped up/],
  [403, 'speech.refused', /ASYNC_API_KEY/],
  [404, 'speech.refused', /ASYNC_URL/],
  [408, 'speech.unavailable', /fault of its own/],
  [413, 'speech.refused', /ASYNC_URL/],
  [429, 'speech.busy', /too many requests/],
  [500, 'speech.unavailable', /fault of its own/],
  [503, 'speech.unavailable', /fault of its own/],
])('HTTP %i without a code is told as %s', (status, code, message) => {
  // The form of a 500 in Async's OpenAPI file: its `detail` is a string.
  const frame = readFrame(JSON.stringify({ message: 'm', method: 'GET', url: `?api_key=${key}`, detail: key }))
  const error = handshakeError(status, frame.kind === 'error' ? frame : undefined)
  expect(error).toMatchObject({ code, message, retryable: code !== 'speech.refused', details: { httpStatus: status } })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sk_1')
})
