import type { AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import type { AsyncServiceOptions } from '../../../../src/simulator/async/service.ts'
import { start } from './harness.ts'

export const mulaw = { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 }
export const pcm16 = { container: 'raw', encoding: 'pcm_s16le', sample_rate: 8000 }

export interface Asked {
  readonly status: number
  readonly type: string | null
  readonly body: Buffer
  /** As the body came in. */
  readonly pieces: readonly Buffer[]
  /** Why the body broke off. */
  readonly broken: unknown
  readonly tookMs: number
}

export interface Ask {
  readonly endpoint?: '' | '/streaming' | '/with_timestamps'
  /** Beside a complete request; `undefined` leaves a field out. */
  readonly fields?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Instead of JSON. */
  readonly text?: string
}

/** A service, and a client of its HTTP endpoints that knows the wire by heart. */
export async function startHttp(behaviour: Partial<AsyncBehaviour> = {}, options: AsyncServiceOptions = {}) {
  const { clock, service, connect } = await start(behaviour, options)

  async function request({ endpoint = '/streaming', fields = {}, headers = {}, text }: Ask): Promise<Response> {
    const all = { 'x-api-key': service.apiKey, version: 'v1', 'content-type': 'application/json', ...headers }
    const given = Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined)
    const body = {
      model_id: 'async_flash_v1.0',
      transcript: 'Hello there. ',
      voice: { mode: 'id', id: service.voiceId },
      output_format: endpoint === '/streaming' ? mulaw : pcm16,
      ...fields,
    }
    const init = { method: 'POST', headers: Object.fromEntries(given), body: text ?? JSON.stringify(body) }
    return fetch(`${service.url}/text_to_speech${endpoint}`, init)
  }

  async function ask(what: Ask = {}): Promise<Asked> {
    const beganMs = clock.now()
    const reading = request(what).then(async (response) => {
      const pieces: Buffer[] = []
      let broken: unknown
      try {
        const body: AsyncIterable<Uint8Array> | never[] = response.body ?? []
        for await (const piece of body) pieces.push(Buffer.from(piece))
      } catch (error) {
        broken = error
      }
      return { status: response.status, type: response.headers.get('content-type'), pieces, broken }
    })
    const read = await clock.runUntil(reading)
    return { ...read, body: Buffer.concat(read.pieces), tookMs: clock.now() - beganMs }
  }

  return { clock, service, connect, request, ask }
}

export const json = (asked: Asked): unknown => JSON.parse(asked.body.toString())
