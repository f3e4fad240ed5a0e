import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { documentedBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import type { Chunk } from '../../../../src/simulator/chunks.ts'
import { sendBody } from '../../../../src/simulator/async/streamed-body.ts'
import type { Clock } from '../../../../src/simulator/clock.ts'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'
import type { Voice } from '../../../../src/simulator/voice.ts'
import { json, startHttp } from './http.ts'

test.each(['', '/streaming', '/with_timestamps'] as const)(
  'the voice is told the language, or none: %s',
  async (endpoint) => {
    const languages: (string | undefined)[] = []
    const voice: Voice = (text, options) => {
      languages.push(options.language)
      return toneVoice(text, options)
    }
    const { ask } = await startHttp({}, { voice })
    await ask({ endpoint, fields: { language: 'ja' } })
    await ask({ endpoint, fields: { language: null } })
    expect(languages).toEqual(['ja', undefined])
  },
)

test('a transcript without a word is answered with no audio', async () => {
  const { ask, service } = await startHttp()
  const fields = { transcript: '<digits></digits> ' }
  const streamed = await ask({ fields })
  expect([streamed.status, streamed.type, streamed.body.length]).toEqual([200, 'application/octet-stream', 0])
  expect((await ask({ endpoint: '', fields })).body.length).toBe(0)
  expect(json(await ask({ endpoint: '/with_timestamps', fields }))).toMatchObject({ alignment: { words: [] } })
  expect(service.requests.map((request) => request.status)).toEqual([200, 200, 200])
})

test('a voice is dismissed when its client goes', async () => {
  let dismissed = false
  const voice: Voice = async function* endless() {
    try {
      for (;;) yield await Promise.resolve(new Uint8Array(1600).fill(1))
    } finally {
      dismissed = true
    }
  }
  const { clock, request } = await startHttp({ deliveryRate: 1 }, { voice })
  const response = await clock.runUntil(request({}))
  await response.body?.cancel()
  await clock.advance(2000)
  expect(dismissed).toBe(true)
})

test('what follows a voice that was late comes at the pace, not in a burst', async () => {
  let nowMs = 0
  const clock: Clock = {
    now: () => nowMs,
    after(delayMs, fire) {
      nowMs += delayMs
      queueMicrotask(fire)
      return { cancel() {} }
    },
  }
  async function* chunks(): AsyncGenerator<Chunk> {
    for (let i = 0; i < 4; i++) {
      if (i === 1) nowMs += await Promise.resolve(10_000)
      yield { bytes: new Uint8Array(1600), last: i === 3 }
    }
  }
  const writtenMs: number[] = []
  const response = { write: () => writtenMs.push(nowMs), end() {} } as unknown as ServerResponse
  await sendBody({
    clock,
    behaviour: { ...documentedBehaviour, firstAudioDelayMs: 100, deliveryRate: 1 },
    response,
    chunks: chunks(),
    encode: (mulaw) => mulaw,
    arrivedAtMs: 0,
    signal: new AbortController().signal,
    begin() {},
    sent: () => true,
  })
  expect(writtenMs).toEqual([100, 10_100, 10_300, 10_500])
})
