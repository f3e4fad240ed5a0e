import type { Clock } from '../ops/clock.ts'
import { type AccountReader, createAccountReader } from '../twilio/account.ts'
import type { TwilioRestSettings } from '../twilio/rest-client.ts'
import { countryOf } from './country.ts'
import { examine, type Finding, type Tell } from './finding.ts'

/** A clock that is off by more makes times in outcomes and logs misleading. Twilio tells whole seconds. */
const clockToleranceMs = 5_000

export interface TwilioQuestions {
  readonly settings: TwilioRestSettings
  /** E.164. */
  readonly from: string | undefined
  /** Whom one would call. */
  readonly to: string | undefined
}

/** Account, numbers, permissions, and the clock by Twilio's. Nothing is dialled and nothing costs. */
export async function examineTwilio(tell: Tell, questions: TwilioQuestions, clock: Clock): Promise<void> {
  const { settings, from, to } = questions
  // The token signs webhooks, so it is to be proven also where an API key logs in.
  const { apiKey, apiSecret, ...byToken } = settings
  let twilioMs: number | undefined
  let reached = false
  await examine(tell, 'Twilio account', async () => {
    const account = await createAccountReader(byToken).account()
    reached = true
    twilioMs = account.nowMs
    if (account.status !== 'active')
      return { result: 'failed', found: `The account is ${account.status}.`, todo: 'The Twilio Console says why.' }
    if (account.trial) {
      const found = 'A trial account: Twilio takes <Stream> out of its calls, so nothing would be heard.'
      return { result: 'failed', found, todo: 'Upgrade the account in the Twilio Console.' }
    }
    const found =
      'SID and auth token belong together; active and upgraded. Without an approved customer profile new accounts have 2 calls at once.'
    return { result: 'ok', found }
  })

  const reader = createAccountReader(settings)
  if (apiKey !== undefined && apiSecret !== undefined)
    await examine(tell, 'Twilio API key', async () => {
      await reader.number(from ?? '+15005550006')
      return { result: 'ok', found: 'The key logs in.' }
    })
  await examineFrom(tell, reached, reader, from)
  await examinePermission(tell, reached, reader, to)
  await examine(tell, 'clock', () => Promise.resolve(judgeClock(clock.now(), twilioMs)))
}

async function examineFrom(tell: Tell, reached: boolean, reader: AccountReader, from: string | undefined) {
  const check = 'calling number'
  if (from === undefined) {
    const found = 'TWILIO_FROM_NUMBER is not set: calls can be answered but not made.'
    return tell({ check, result: 'warning', found, todo: 'Set it to a number of the account.' })
  }
  if (!reached) return tell({ check, result: 'not checked', found: 'The account could not be read.' })
  await examine(tell, check, async () => ownership[await reader.number(from)])
}

const ownership: Readonly<Record<Awaited<ReturnType<AccountReader['number']>>, Omit<Finding, 'check'>>> = {
  ours: { result: 'ok', found: 'It belongs to the account and has voice.' },
  verified: { result: 'ok', found: 'It is a verified caller ID. Nobody can call us on it.' },
  'ours-without-voice': {
    result: 'failed',
    found: 'It belongs to the account but has no voice.',
    todo: 'Buy a number with voice, or choose another one.',
  },
  none: {
    result: 'failed',
    found: 'It is neither a number of the account nor a verified caller ID.',
    todo: 'Set TWILIO_FROM_NUMBER to one of Console, Phone Numbers, Active numbers.',
  },
}

async function examinePermission(tell: Tell, reached: boolean, reader: AccountReader, to: string | undefined) {
  const check = 'geo permission'
  const country = to === undefined ? undefined : countryOf(to)
  if (to === undefined) {
    const found = 'No number to call was given: npm run doctor -- NUMBER, or OUTBOUND_NUMBER.'
    return tell({ check, result: 'not checked', found })
  }
  if (!reached) return tell({ check, result: 'not checked', found: 'The account could not be read.' })
  if (country === undefined)
    return tell({ check, result: 'warning', found: 'The number belongs to no country, so no permission covers it.' })
  await examine(tell, check, async () => {
    const may = await reader.mayCall(country)
    if (may === undefined) return { result: 'warning', found: `Twilio has no geo permission of the name ${country}.` }
    if (may) return { result: 'ok', found: `The account may call ordinary numbers in ${country}.` }
    const todo = 'Switch it on in Console, Voice, Settings, Geo permissions.'
    return { result: 'failed', found: `The account may not call ${country}.`, todo }
  })
}

function judgeClock(nowMs: number, twilioMs: number | undefined) {
  if (twilioMs === undefined) return { result: 'not checked', found: 'Twilio told no time.' } as const
  const offMs = Math.round(nowMs - twilioMs)
  if (Math.abs(offMs) <= clockToleranceMs)
    return { result: 'ok', found: `Within ${clockToleranceMs / 1000} s of Twilio's.` } as const
  const how = `${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead of' : 'behind'} Twilio's`
  return {
    result: 'warning',
    found: `The clock of this machine is ${how}: times in outcomes and logs are wrong, and certificates may be refused.`,
    todo: 'Switch on time synchronisation (NTP).',
  } as const
}
