import { Agent, request } from 'node:http'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { account } from './identity.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Sends a webhook as Twilio does: a form, signed with the account's token. */
export function sendWebhook(url: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const body = new URLSearchParams(fields).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'content-length': Buffer.byteLength(body),
    'x-twilio-signature': getExpectedTwilioSignature(account.authToken, url, { ...fields }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** The fields of every webhook of a call (Twilio docs, TwiML webhooks). */
export function callFields(callSid: string, from: string, status: string): Record<string, string> {
  return {
    AccountSid: account.sid,
    ApiVersion: '2010-04-01',
    CallSid: callSid,
    CallStatus: status,
    Called: account.number,
    Caller: from,
    Direction: 'inbound',
    From: from,
    To: account.number,
  }
}

export interface StreamOrder {
  readonly url: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What a TwiML document orders: a media stream, or undefined for anything else. */
export function readTwiml(document: string): StreamOrder | undefined {
  const url = /<Stream [^>]*?\burl="([^"]*)"/.exec(document)?.[1]
  if (url === undefined) return undefined
  const parameters = [...document.matchAll(/<Parameter name="([^"]*)" value="([^"]*)"/g)]
  return {
    url: unescapeXml(url),
    parameters: Object.fromEntries(
      parameters.map(([, name = '', value = '']) => [unescapeXml(name), unescapeXml(value)]),
    ),
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
}
