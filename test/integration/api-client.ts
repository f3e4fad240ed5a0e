import type { Problem } from '../../src/http/api/problem.ts'
import { rememberSpoken, type World } from '../world.ts'

/** A call as the API shows it. */
export interface ApiCall {
  readonly callId: string
  readonly callSid: string | null
  readonly to: string
  readonly state: string
  readonly outcome: { readonly status: string; readonly reason: string; readonly error: unknown } | null
  readonly timeline: readonly { readonly sequence: number; readonly type: string }[]
}

export interface ApiAnswer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** Speaks HTTP with the API of a world, as a client of it would. */
export function apiOf(world: World) {
  async function request<T>(path: string, init: RequestInit = {}): Promise<ApiAnswer<T>> {
    const response = await fetch(`${world.publicUrl}${path}`, init)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    }
  }
  function post<T = ApiCall>(body: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return request<T>('/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    })
  }
  return {
    request,
    get: <T = ApiCall>(path: string, headers: Record<string, string> = {}) => request<T>(path, { headers }),
    post,
    place(to: string, message: string, headers: Record<string, string> = {}) {
      rememberSpoken(message)
      return post({ to, message }, headers)
    },
    refused: (body: unknown, headers: Record<string, string> = {}) => post<Problem>(body, headers),
    hangUp: (callId: string) => request<ApiCall>(`/calls/${callId}/hangup`, { method: 'POST' }),
    /** The outcome of a running call. */
    outcome(callId: string) {
      const call = world.app.calls().find((one) => one.callId === callId)
      if (!call) throw new Error('no such call is under way')
      return world.until(call.outcome)
    },
  }
}
