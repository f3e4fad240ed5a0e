import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max'
import type { Exchange } from '../exchange.ts'
import { notFound, type RestReply } from './error.ts'

/**
 * `GET /v1/DialingPermissions/Countries/{ISO}` of voice.twilio.com: whether the account may call a country. The switch
 * `geoPermissions` lists prefixes; a country counts as permitted when all of its numbers are.
 */
export function fetchDialingPermission(exchange: Exchange, path: string, isoCode: string): RestReply {
  const country = getCountries().find((known) => known === isoCode)
  if (!country) return notFound(path)
  const { geoPermissions } = exchange.behaviour
  const code = `+${getCountryCallingCode(country)}`
  const permitted = geoPermissions === 'all' || geoPermissions.some((prefix) => code.startsWith(prefix))
  return {
    status: 200,
    body: {
      iso_code: country,
      name: new Intl.DisplayNames('en', { type: 'region' }).of(country),
      continent: null,
      country_codes: [code],
      low_risk_numbers_enabled: permitted,
      high_risk_special_numbers_enabled: false,
      high_risk_tollfraud_numbers_enabled: false,
      url: path,
      links: { highrisk_special_prefixes: `${path}/HighRiskSpecialPrefixes` },
    },
  }
}
