import type { AlertOrder, AlertView } from '../src/alerts/alert.ts'
import type { Person, Try } from '../src/alerts/alert-list.ts'
import { tell } from '../src/failure.ts'
import type { Service } from '../src/serve.ts'
import { hangingUp, onInterruption } from './interruption.ts'
import { type CallView, showCall } from './live-view.ts'

/**
 * Calls down a list, shows each call as it happens, and tells at the end what became of everybody.
 *
 * @returns the exit code: 0 only when somebody acknowledged
 * @throws BridgeError as `App.alert`; nobody was called then
 */
export async function dialList(order: AlertOrder, json: boolean, service: Service): Promise<number> {
  let view: CallView | undefined
  const out = json ? process.stderr : process.stdout
  const alert = service.app.alert(order, (call, to) => {
    view?.end()
    view = showCall(call, to, out)
  })
  const interruption = onInterruption(() => {
    view?.clear()
    process.stderr.write(hangingUp())
    alert.cancel()
  })
  const told = await alert.over
  view?.end()
  await service.close().finally(() => interruption.off())
  out.write(`${describeAlert(told)}\n`)
  if (json) process.stdout.write(`${JSON.stringify(told)}\n`)
  return interruption.exitCode ?? (told.state === 'acknowledged' ? 0 : 1)
}

/** What became of an alert, in words: one line, and one for each person. */
export function describeAlert({ state, acknowledgedBy, people }: AlertView): string {
  const by = acknowledgedBy === null ? undefined : people[acknowledgedBy]
  const head = by
    ? `acknowledged by ${by.to}`
    : state === 'stopped'
      ? 'stopped: nobody acknowledged'
      : 'in vain: nobody acknowledged'
  const width = Math.max(...people.map(({ to }) => to.length))
  return [head, ...people.map((person) => `  ${person.to.padEnd(width)}  ${describePerson(person)}`)].join('\n')
}

function describePerson({ tries }: Person): string {
  return tries.length === 0 ? 'not called' : tries.map(describeTry).join(', ')
}

function describeTry({ became, error }: Try): string {
  const word = became === 'not-acknowledged' ? 'answered, not acknowledged' : (became ?? 'calling').replace('-', ' ')
  return error ? `${word}: ${tell(error)}` : word
}
