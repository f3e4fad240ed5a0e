import type Twilio from 'twilio/lib/rest/Twilio.js'
import { BridgeError } from '../errors.ts'
import { rejectedByTwilio } from './errors.ts'
import { openClient, type TwilioRestSettings } from './rest-client.ts'
import { classifyFailure } from './rest-failure.ts'

/** What an account is and may do, read from Twilio. @throws BridgeError `twilio.rejected`, `twilio.unreachable`, `config.invalid` */
export interface AccountReader {
  /** `nowMs`: Twilio's time, from the header of its answer. */
  account(): Promise<{ readonly trial: boolean; readonly status: string; readonly nowMs: number | undefined }>
  /** Whether a number (E.164) may be shown as the caller, and why. */
  number(number: string): Promise<'ours' | 'ours-without-voice' | 'verified' | 'none'>
  /** Whether ordinary numbers of a country (ISO 3166, two letters) may be called; undefined: Twilio knows none such. */
  mayCall(country: string): Promise<boolean | undefined>
}

export function createAccountReader(settings: TwilioRestSettings): AccountReader {
  let opening: Promise<Twilio> | undefined

  async function ask<T>(question: (client: Twilio) => Promise<T>): Promise<T> {
    const client = await (opening ??= openClient(settings))
    try {
      return await question(client)
    } catch (thrown) {
      const failure = classifyFailure(thrown)
      if (failure.kind === 'refused') throw rejectedByTwilio(failure)
      throw new BridgeError(
        'twilio.unreachable',
        `Twilio's API gave no usable answer (${failure.reason}). Check the connection to the internet, and TWILIO_API_URL if set.`,
        { details: { reason: failure.reason } },
      )
    }
  }

  return {
    account: () =>
      ask(async (client) => {
        const { body, headers } = await client.api.v2010.accounts(settings.accountSid).fetchWithHttpInfo()
        const nowMs = Date.parse(headers['date'] ?? '')
        return {
          trial: body.type === 'Trial',
          status: body.status,
          nowMs: Number.isNaN(nowMs) ? undefined : nowMs,
        }
      }),
    number: (number) =>
      ask(async (client) => {
        const owned = await client.incomingPhoneNumbers.list({ phoneNumber: number, limit: 20 })
        const ours = owned.find((one) => one.phoneNumber === number)
        if (ours) return ours.capabilities.voice ? 'ours' : 'ours-without-voice'
        const verified = await client.outgoingCallerIds.list({ phoneNumber: number, limit: 20 })
        return verified.some((one) => one.phoneNumber === number) ? 'verified' : 'none'
      }),
    async mayCall(country) {
      try {
        return await ask(async (client) => {
          const { lowRiskNumbersEnabled } = await client.voice.v1.dialingPermissions.countries(country).fetch()
          return lowRiskNumbersEnabled
        })
      } catch (thrown) {
        if (thrown instanceof BridgeError && thrown.details['httpStatus'] === 404) return undefined
        throw thrown
      }
    },
  }
}
