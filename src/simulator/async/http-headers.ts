import type { IncomingHttpHeaders } from 'node:http'
import type { AsyncBehaviour } from './behaviour.ts'
import type { MessageFault } from './client-messages.ts'
import { type ErrorDetail, shortenedKey } from './error-frames.ts'

/**
 * Judges the headers of a request: `x-api-key`, `version`, and the type of its body, if it must have one.
 *
 * @param needs `version` is documented as required but for changing a voice and for its preview (OpenAPI)
 */
export function judgeHeaders(
  headers: IncomingHttpHeaders,
  apiKey: string,
  behaviour: Readonly<AsyncBehaviour>,
  needs: { readonly contentType?: string | undefined; readonly version?: boolean } = {},
): { error: ErrorDetail | undefined; faults: MessageFault[] } {
  const { contentType, version: needsVersion = true } = needs
  const faults: MessageFault[] = []
  const key = String(headers['x-api-key'] ?? '')
  const { version } = headers
  if (key !== apiKey) faults.push({ code: 'bad-key', detail: 'the key stands in the header x-api-key' })
  if (version !== 'v1' && (needsVersion || version !== undefined))
    faults.push({ code: 'no-version', detail: 'the header version is v1' })
  if (contentType !== undefined && !headers['content-type']?.startsWith(contentType))
    faults.push({ code: 'wrong-type', detail: `the content type is ${contentType}` })
  if (key !== apiKey) return { error: { code: 'INVALID_API_KEY', extra: { api_key: shortenedKey(key) } }, faults }
  const mayBeMissing = !needsVersion || behaviour.httpMissingVersion === 'accept'
  const versionFits = version === 'v1' || (version === undefined && mayBeMissing)
  return { error: versionFits ? undefined : { code: 'VERSION_NOT_FOUND' }, faults }
}
