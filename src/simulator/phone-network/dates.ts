/** "Mon, 05 Jan 2026 12:00:00 +0000": RFC 2822, as the REST API and call status callbacks write times. */
export function rfc2822(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000')
}

/** "2024-11-29T00:09:39.602648368Z": ISO 8601 with nanoseconds, as stream status callbacks write times. */
export function isoNanoseconds(ms: number): string {
  const nanoseconds = Math.floor((ms - Math.floor(ms)) * 1_000_000)
  return new Date(Math.floor(ms)).toISOString().replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`)
}
