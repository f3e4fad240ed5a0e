import { WebSocket } from 'ws'
import { paths } from '../http/paths.ts'
import { signHandshake } from '../twilio/signature.ts'
import { signTrial, trialHeader } from '../twilio/trial.ts'
import type { Clock } from '../ops/clock.ts'
import { examine, type Finding, type Tell } from './finding.ts'

const answerWithinMs = 10_000
const proxyHint = 'Check that PUBLIC_URL (or the tunnel) leads to this server, and that no proxy changes the path.'

/** The server as Twilio would meet it: from outside, by its public address. */
export async function examinePublicAddress(
  tell: Tell,
  address: { readonly publicUrl: string; readonly authToken: string },
  clock: Clock,
): Promise<void> {
  let reached = false
  await examine(tell, 'public address', async () => {
    const health = await fetchHealth(address.publicUrl)
    reached = health.result === 'ok'
    return health
  })
  if (!reached) {
    for (const check of ['media websocket', 'media websocket, forged'])
      tell({ check, result: 'not checked', found: 'The public address does not lead here.' })
    return
  }
  await examine(tell, 'media websocket', async () => {
    const answer = await upgrade(address)
    if (answer === 101) return { result: 'ok', found: "With a signature of Twilio's it opens." }
    if (answer === 403) {
      const found = 'A signature made with TWILIO_AUTH_TOKEN for PUBLIC_URL is refused.'
      const todo = 'The server there has another auth token or another PUBLIC_URL.'
      return { result: 'failed', found, todo }
    }
    const todo = 'A proxy in between has to pass websocket upgrades on (docs/deploy.md).'
    return { result: 'failed', found: `It does not open: ${inWords(answer)}.`, todo }
  })
  await examine(tell, 'media websocket, forged', async () => {
    const trial = { [trialHeader]: signTrial(address.authToken, clock.now()) }
    const answer = await upgrade({ ...address, authToken: `${address.authToken}-forged` }, trial)
    if (answer === 403) return { result: 'ok', found: 'With a forged signature it is refused.' }
    if (answer === 101)
      return { result: 'failed', found: 'It opens for anybody, whatever the signature.', todo: proxyHint }
    return { result: 'failed', found: `Expected HTTP 403, got ${inWords(answer)}.`, todo: proxyHint }
  })
}

async function fetchHealth(publicUrl: string): Promise<Omit<Finding, 'check'>> {
  let status: number
  let body: string
  try {
    const signal = AbortSignal.timeout(answerWithinMs)
    const response = await fetch(publicUrl + paths.health, { redirect: 'manual', signal })
    status = response.status
    body = await response.text()
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.cause : undefined
    const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
    const late = thrown instanceof Error && thrown.name === 'TimeoutError'
    const why = late ? ` within ${answerWithinMs / 1000} s` : typeof code === 'string' ? ` (${code})` : ''
    return { result: 'failed', found: `GET ${paths.health} gave no answer${why}.`, todo: proxyHint }
  }
  if (status === 200 && isHealthy(body)) return { result: 'ok', found: `GET ${paths.health} is answered from outside.` }
  const found = `GET ${paths.health} is answered with HTTP ${status}, but not as callbridge does.`
  return { result: 'failed', found, todo: proxyHint }
}

function isHealthy(body: string): boolean {
  try {
    const health: unknown = JSON.parse(body)
    return typeof health === 'object' && health !== null && 'status' in health && health.status === 'ok'
  } catch {
    return false
  }
}

/** The HTTP status that an upgrade is answered with, 101 when it opened; a short word when there was no answer. */
function upgrade(
  address: { publicUrl: string; authToken: string },
  more: Readonly<Record<string, string>> = {},
): Promise<number | string> {
  const { url, signature } = signHandshake({ ...address, path: paths.media })
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      headers: { 'x-twilio-signature': signature, ...more },
      handshakeTimeout: answerWithinMs,
      followRedirects: false,
      perMessageDeflate: false,
    })
    socket.on('open', () => {
      resolve(101)
      socket.close(1000)
      // A server that does not answer the close frame holds nobody up.
      setTimeout(() => socket.terminate(), 1000).unref()
    })
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
      socket.terminate()
    })
    socket.on('error', (error) => {
      const code = 'code' in error && typeof error.code === 'string' ? error.code : 'no websocket'
      resolve(code)
    })
  })
}

function inWords(answer: number | string): string {
  return typeof answer === 'number' ? `HTTP ${answer}` : `no answer (${answer})`
}
