/** The configuration cannot be served; `message` is what the operator reads. The process ends with status 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
