import { BridgeError } from '../../errors.ts'
import { unreachable } from './errors.ts'
import { type AsyncAccountSettings, causeOf } from './http-client.ts'
import { httpError } from './http-errors.ts'

const answerWithinMs = 10_000

/** Whether the service is there: `GET /`, without a key. @throws BridgeError `speech.unavailable`, `speech.refused` */
export async function checkService(settings: Pick<AsyncAccountSettings, 'url'>): Promise<void> {
  const { status } = await get(`${settings.url}/`, {})
  if (status !== 200) throw httpError(status, '')
}

/**
 * The languages a voice is made for, as Async lists them: `GET /voices/{id}`. Proves the key too, and costs nothing.
 *
 * @throws BridgeError `speech.refused` (key, voice), `speech.busy`, `speech.unavailable`
 */
export async function voiceLanguages(settings: AsyncAccountSettings, voiceId: string): Promise<readonly string[]> {
  const { url, apiKey, version } = settings
  const { status, text } = await get(`${url}/voices/${encodeURIComponent(voiceId)}`, { 'x-api-key': apiKey, version })
  if (status !== 200) throw httpError(status, text)
  return languagesIn(text)
}

async function get(url: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(answerWithinMs) })
    return { status: response.status, text: await response.text() }
  } catch (thrown) {
    throw unreachable(systemCode(thrown))
  }
}

/** Only the short code: what `fetch` throws may hold headers. */
function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  if (thrown.name === 'TimeoutError') return `no answer within ${answerWithinMs / 1000} s`
  return causeOf(thrown)
}

function languagesIn(text: string): readonly string[] {
  let voice: unknown
  try {
    voice = JSON.parse(text)
  } catch {
    throw new BridgeError(
      'speech.refused',
      'Async answered with no JSON. Check that ASYNC_URL is the address of its API.',
    )
  }
  const language = typeof voice === 'object' && voice !== null && 'language' in voice ? voice.language : undefined
  if (typeof language !== 'string') return []
  return language
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '')
}
