import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { callee, setScene } from './bridge.ts'
import { selfSigned } from './certificate.ts'

const hello = '<Response><Say>hello</Say></Response>'

/** Calls with TwiML at `url`, to the end of the call. */
async function callWith(url: string | ((bridgeUrl: string) => string), prepare?: (scene: Scene) => void) {
  const scene = await setScene({ behaviour: { holdMs: 5000 } })
  const phone = scene.network.phone(callee)
  prepare?.(scene)
  await scene.dial({ url: typeof url === 'string' ? url : url(scene.bridge.url) })
  await scene.clock.runUntil(phone.ended)
  return { ...scene, phone }
}
type Scene = Awaited<ReturnType<typeof setScene>>

async function httpsServer({ cert, key }: { cert: string; key: string }): Promise<string> {
  const server = createServer({ cert, key }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end(hello)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}/voice`
}

/** Trusts a certificate until the test is over. */
function trust(cert: string): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  onTestFinished(() => setDefaultCACertificates(before))
}

test('11210: the host name is not known', async () => {
  const { network, phone } = await callWith('http://host.invalid/voice')
  expect(network.faults).toMatchObject([{ code: 11_210, level: 'error' }])
  expect(network.calls[0]?.requests[0]).toMatchObject({ attempts: 2, status: undefined })
  expect(phone.said[0]).toContain('application error')
})

describe('redirects', () => {
  test('11215: more than ten', async () => {
    const { bridge, network } = await callWith(
      (url) => `${url}/round`,
      (scene) =>
        scene.bridge.answers.set(
          '/round',
          (_seen, response) => void response.writeHead(302, { location: '/round' }).end(),
        ),
    )
    expect(network.faults).toMatchObject([{ code: 11_215, level: 'error' }])
    expect(bridge.of('/round')).toHaveLength(11)
  })

  test('11215: documents that lead to each other without any time passing', async () => {
    const { bridge, network } = await callWith(
      (url) => `${url}/voice`,
      (scene) => scene.bridge.answers.set('/voice', '<Response><Redirect>/voice</Redirect></Response>'),
    )
    expect(network.faults).toMatchObject([{ code: 11_215, level: 'error' }])
    expect(bridge.of('/voice')).toHaveLength(50)
  })

  test.each<[number, Record<string, string>]>([
    [302, {}],
    [301, { location: 'http://' }],
    [300, { location: '/moved' }],
    [304, {}],
    [308, { location: '/moved' }],
  ])('11216: %i with %j is no valid redirect', async (status, headers) => {
    const { bridge, network, phone } = await callWith(
      (url) => `${url}/voice`,
      (scene) => {
        scene.bridge.answers.set('/voice', (_seen, response) => void response.writeHead(status, headers).end())
        scene.bridge.answers.set('/moved', hello)
      },
    )
    expect(network.faults).toMatchObject([{ code: 11_216, level: 'error' }])
    expect(bridge.of('/moved')).toHaveLength(0)
    expect(phone.said[0]).toContain('application error')
  })

  test.each([
    [303, 'GET', false],
    [307, 'POST', true],
  ])('%i is followed with %s, the form kept: %s', async (status, method, kept) => {
    const { bridge, network, phone } = await callWith(
      (url) => `${url}/voice`,
      (scene) => {
        const moved = { location: '/moved' }
        scene.bridge.answers.set('/voice', (_seen, response) => void response.writeHead(status, moved).end())
        scene.bridge.answers.set('/moved', hello)
      },
    )
    expect(network.faults).toEqual([])
    expect(bridge.of('/moved')[0]?.method).toBe(method)
    expect(bridge.of('/moved')[0]?.body.has('CallSid')).toBe(kept)
    expect(phone.said).toEqual(['hello'])
  })
})

describe('certificates', () => {
  test('a trusted one for the right host is taken', async () => {
    const certificate = selfSigned('localhost')
    trust(certificate.cert)
    const { network, phone } = await callWith(await httpsServer(certificate))
    expect(network.faults).toEqual([])
    expect(phone.said).toEqual(['hello'])
  })

  test('11235: a trusted one for another host', async () => {
    const certificate = selfSigned('elsewhere.example')
    trust(certificate.cert)
    const { network } = await callWith(await httpsServer(certificate))
    expect(network.faults).toMatchObject([{ code: 11_235, level: 'error' }])
  })

  test('11237: one that nobody trusts', async () => {
    const { network } = await callWith(await httpsServer(selfSigned('localhost')))
    expect(network.faults).toMatchObject([{ code: 11_237, level: 'error' }])
  })
})
