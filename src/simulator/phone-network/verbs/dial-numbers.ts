import type { NetworkBehaviour } from '../behaviour.ts'

/** Why `<Dial>` does not call a number: a warning of the debugger (Twilio's error dictionary, 13223 to 13227). */
export function refusedByDial(
  { blockedNumbers, geoPermissions, unreachableNumbers }: NetworkBehaviour,
  number: string,
): { code: number; message: string } | undefined {
  const among = (prefixes: readonly string[]) => prefixes.some((prefix) => number.startsWith(prefix))
  if (!/^\+[1-9]\d{6,14}$/.test(number))
    return { code: 13_223, message: '<Dial>: expected a number such as +15551234567' }
  if (among(unreachableNumbers)) return { code: 13_224, message: '<Dial>: the number cannot be called' }
  if (among(blockedNumbers)) return { code: 13_225, message: '<Dial>: the number is blocked' }
  if (geoPermissions !== 'all' && !among(geoPermissions))
    return { code: 13_227, message: '<Dial>: no permission for the country of the number' }
  return undefined
}
