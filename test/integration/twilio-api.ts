import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../src/ops/clock.ts'

/** One request as it was received. */
export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  form: URLSearchParams
  authorization: string
}

interface StoredCall {
  sid: string
  to: string
  from: string
  status: string
  createdAtMs: number
  visibleAtMs: number
}

/**
 * A few lines of Twilio's REST API to try lost answers on: `onCreate` and `onUpdate` decide what becomes of a request.
 * Only what the facts name; the phone network emulator is the whole of it.
 */
export async function startTwilioApi(clock: Clock, port = 0) {
  const requests: ApiRequest[] = []
  const calls: StoredCall[] = []
  const api = {
    requests,
    calls,
    url: '',
    accountSid: 'AC0123456789abcdef0123456789abcdef',
    /** How long a new call is missing from the list. */
    listLagMs: 0,
    onCreate: (_: ApiRequest, response: ServerResponse, dial: () => StoredCall): void => {
      answer(response, 201, callBody(dial()))
    },
    onUpdate: (_: ApiRequest, response: ServerResponse, call: StoredCall | undefined): void => {
      if (call === undefined) return refuse(response, 404, 20404)
      call.status = 'completed'
      answer(response, 200, callBody(call))
    },
    onFetch: (_: ApiRequest, response: ServerResponse, call: StoredCall | undefined): void => {
      if (call === undefined) return refuse(response, 404, 20404)
      answer(response, 200, { ...callBody(call), duration: '61', answered_by: 'human' })
    },
    onList: (request: ApiRequest, response: ServerResponse): void => {
      const seen = calls.filter(
        (call) =>
          call.visibleAtMs <= clock.now() &&
          call.to === request.query.get('To') &&
          call.from === request.query.get('From'),
      )
      answer(response, 200, { calls: seen.map(callBody), next_page_uri: null, page: 0, page_size: 20 })
    },
    creates: () => requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/Calls.json')).length,
    dial(to: string, from: string, createdAtMs = clock.now()): StoredCall {
      const sid = `CA${String(calls.length + 1).padStart(32, '0')}`
      const call = { sid, to, from, status: 'queued', createdAtMs, visibleAtMs: clock.now() + api.listLagMs }
      calls.push(call)
      return call
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const piece of incoming) text += String(piece)
    const url = new URL(incoming.url ?? '/', 'http://api')
    const request: ApiRequest = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      form: new URLSearchParams(text),
      authorization: incoming.headers.authorization ?? '',
    }
    requests.push(request)
    const base = `/2010-04-01/Accounts/${api.accountSid}/Calls`
    const sid = /\/Calls\/(\w+)\.json$/.exec(request.path)?.[1]
    if (!request.path.startsWith(base)) return refuse(response, 404, 20404)
    if (sid !== undefined) {
      const call = calls.find((each) => each.sid === sid)
      return (request.method === 'POST' ? api.onUpdate : api.onFetch)(request, response, call)
    }
    if (request.method === 'GET') return api.onList(request, response)
    api.onCreate(request, response, () => api.dial(request.form.get('To') ?? '', request.form.get('From') ?? ''))
  }

  const server = createServer((incoming, response) => void handle(incoming, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return api
}

function callBody(call: StoredCall): object {
  return {
    sid: call.sid,
    to: call.to,
    from: call.from,
    status: call.status,
    direction: 'outbound-api',
    date_created: new Date(call.createdAtMs).toUTCString().replace('GMT', '+0000'),
    start_time: null,
    duration: null,
    answered_by: null,
  }
}

export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Twilio's error body; its message quotes the number, as Twilio's does. */
export function refuse(response: ServerResponse, status: number, code: number): void {
  const message = 'The number +15550123 is not one we like.'
  answer(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}
