import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../../../src/simulator/async/service.ts'

let service: AsyncService
beforeAll(async () => {
  service = await startAsyncService({ behaviour: { httpMissingVersion: 'refuse' } })
})
afterAll(() => service.close())

async function get(path: string, headers: Record<string, string>) {
  const answer = await fetch(service.url + path, { headers })
  return { status: answer.status, body: await answer.json() }
}

test('a voice that exists is told to whoever shows key and version', async () => {
  const headers = { 'X-Api-Key': service.apiKey, version: 'v1' }
  const { status, body } = await get(`/voices/${service.voiceId}`, headers)
  expect(status).toBe(200)
  expect(body).toMatchObject({ voice_id: service.voiceId, voice_type: 'PREDEFINED' })
})

test('key, version and voice are refused with their own codes, in the form of the switch', async () => {
  const good = { 'x-api-key': service.apiKey, version: 'v1' }
  const cases = [
    [`/voices/${service.voiceId}`, { version: 'v1' }, 401, 'INVALID_API_KEY'],
    [`/voices/${service.voiceId}`, { ...good, 'x-api-key': 'sk_wrong' }, 401, 'INVALID_API_KEY'],
    [`/voices/${service.voiceId}`, { 'x-api-key': service.apiKey }, 404, 'VERSION_NOT_FOUND'],
    ['/voices/none', good, 404, 'VOICE_NOT_FOUND'],
    ['/voices', good, 404, 'NOT_FOUND'],
  ] as const
  for (const [path, headers, status, code] of cases) {
    service.behaviour.httpErrorForm = 'detail'
    const wrapped = await get(path, headers)
    expect(wrapped).toMatchObject({ status, body: { detail: { error_code: code } } })
    service.behaviour.httpErrorForm = 'flat'
    if (code !== 'NOT_FOUND') expect((await get(path, headers)).body).toMatchObject({ error_code: code })
  }
  service.behaviour.httpMissingVersion = 'accept'
  expect((await get(`/voices/${service.voiceId}`, { 'x-api-key': service.apiKey })).status).toBe(200)
})
