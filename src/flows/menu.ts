import type { Call, Flow } from './flow.ts'

/** Monday to Friday, from the first hour to the last. */
const opens = 9
const closes = 17

/**
 * The menu of an office: opening hours and directions, orders on a second level, and somebody to talk to; `*` leads back.
 * Out of hours it says when somebody is there.
 *
 * Parameters: `operator`, the number of somebody to talk to; `timeZone`, such as Europe/Berlin, default this machine's; `hours`: `always` to be never closed.
 *
 * @param now what time it is, in milliseconds since the epoch
 */
export function menuAt(now: () => number): Flow {
  return async (call) => {
    const { hours, operator, timeZone } = call.parameters
    if (hours !== 'always' && !isOpen(now(), timeZone)) {
      await call.say(
        `Our office is closed. Somebody is here from Monday to Friday, ${opens} to ${closes} hours. Goodbye.`,
      )
      return
    }
    await call.say('Welcome to the office.')
    // A caller who stays in the menu for ever is ended by MAX_CALL_MS.
    for (;;) {
      const { digits } = await call.gather({
        say: `For our opening hours, press 1. For the way to us, press 2. For your order, press 3.${operator ? ' To talk to somebody, press 0.' : ''}`,
        choices: operator ? ['1', '2', '3', '0'] : ['1', '2', '3'],
        attempts: 3,
        again: { nonsense: `Sorry, please press ${operator ? '1, 2, 3 or 0' : '1, 2 or 3'}.` },
      })
      if (digits === '1') await call.say(`We are here from Monday to Friday, from ${opens} to ${closes} hours.`)
      else if (digits === '2') await call.say('We are opposite the main station, on the second floor.')
      else if (digits === '3') await orders(call)
      else if (digits === '0' && operator) return connect(call, operator)
      else break
    }
    await call.say('Goodbye.')
  }
}

async function connect(call: Call, operator: string): Promise<void> {
  await call.say('One moment, please.')
  await call.transfer(operator, { otherwise: 'Nobody can talk to you now. Please call again later. Goodbye.' })
}

async function orders(call: Call): Promise<void> {
  const { digits } = await call.gather({
    say: 'To hear where your order is, press 1. To cancel it, press 2. To go back, press star.',
    choices: ['1', '2', '*'],
    attempts: 2,
  })
  if (digits === '2') return void (await call.say('Please cancel your order on our website.'))
  if (digits !== '1') return
  const order = await call.gather({
    say: 'Please enter your order number, and then the hash key.',
    digits: { min: 4, max: 10 },
    finishKey: '#',
    attempts: 2,
    again: { nonsense: 'An order number has four digits at least. Please try again.' },
  })
  if (order.digits === undefined) await call.say('We could not read your order number.')
  else await call.say(`Order ${order.digits.split('').join(' ')} is on its way.`)
}

function isOpen(nowMs: number, timeZone: string | undefined): boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: 'numeric', hourCycle: 'h23' })
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]))
  const hour = Number(parts.get('hour'))
  return !['Sat', 'Sun'].includes(parts.get('weekday') ?? '') && hour >= opens && hour < closes
}
