/** The code and status of the error that a request of the official client throws. */
export async function refusal(request: Promise<unknown>): Promise<{ code?: number; status?: number; message: string }> {
  return request.then(
    () => ({ message: 'nothing was refused' }),
    (error: { code?: number; status?: number; message: string }) => error,
  )
}
