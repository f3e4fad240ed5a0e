import { expect, test } from 'vitest'
import { json, pcm16, startHttp } from './http.ts'

const marker = '--ERROR:QUOTA_EXCEEDED--'

test('a quota that runs out amid the audio is told inside it, and the body ends', async () => {
  const { ask, service } = await startHttp({ quotaBytes: 2000 })
  const asked = await ask()
  expect(asked.status).toBe(200)
  expect(asked.broken).toBeUndefined()
  expect(asked.body.subarray(2000).toString('latin1')).toBe(marker)
  expect(asked.pieces.at(-1)?.length).toBe(400 + marker.length)
  expect(Buffer.from(service.spoken[0]?.audio ?? [])).toEqual(asked.body.subarray(0, 2000))
})

test.each([0, 1, 10, 23])(
  'the marker may be split over two chunks, behind %i of its bytes',
  async (quotaMarkerSplit) => {
    const { ask } = await startHttp({ quotaBytes: 2000, quotaMarkerSplit })
    const asked = await ask()
    const [last, before] = asked.pieces.toReversed()
    expect(before?.subarray(400).toString('latin1')).toBe(marker.slice(0, quotaMarkerSplit))
    expect(last?.toString('latin1')).toBe(marker.slice(quotaMarkerSplit))
  },
)

test('a quota that is used up already gives the marker alone', async () => {
  const { ask, service } = await startHttp({ quotaBytes: 0 })
  expect((await ask()).body.toString('latin1')).toBe(marker)
  expect(service.spoken[0]?.audio.length).toBe(0)
})

test('a quota that is just enough is enough', async () => {
  const { ask } = await startHttp({ quotaBytes: 12 * 480 })
  expect((await ask()).body.length).toBe(12 * 480)
})

test('the quota counts bytes of the format that is sent', async () => {
  const { ask, service } = await startHttp({ quotaBytes: 2000 })
  const asked = await ask({ fields: { output_format: pcm16 } })
  expect(asked.body.length).toBe(2000 + marker.length)
  expect(service.spoken[0]?.audio.length).toBe(1000)
})

test.each([
  ['', 'audio/pcm'],
  ['/streaming', 'application/octet-stream'],
] as const)(
  'JSON may come where audio was expected, under its name or under that of audio: %s',
  async (endpoint, type) => {
    const { ask, service } = await startHttp({ httpBody: 'json' })
    const body = {
      detail: { error_code: 'USAGE_LIMIT_EXCEEDED', message: expect.any(String), extra: expect.any(Object) },
    }
    const named = await ask({ endpoint })
    expect([named.status, named.type, json(named)]).toEqual([200, 'application/json', body])
    service.behaviour.httpBody = 'unlabelled-json'
    service.behaviour.httpErrorForm = 'flat'
    const unnamed = await ask({ endpoint })
    expect([unnamed.status, unnamed.type, json(unnamed)]).toEqual([200, type, body.detail])
    expect(service.spoken).toEqual([])
  },
)

test('where JSON is expected it stays what it is', async () => {
  const { ask } = await startHttp({ httpBody: 'json' })
  expect(json(await ask({ endpoint: '/with_timestamps' }))).toHaveProperty('alignment')
})
