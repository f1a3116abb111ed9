/** Stands where the secret has to be typed in. */
export const SECRET_PLACEHOLDER = 'the admin secret';

/**
 * The text of the headers editor when a tab opens. The address may carry the secret behind `#admin-secret=`, where it stays in the browser:
 * a fragment is not sent to the server. `postern dev` prints such an address.
 */
export function firstHeaders(fragment: string): string {
  const secret = new URLSearchParams(fragment.replace(/^#/, '')).get('admin-secret');
  return JSON.stringify(
    { 'x-hasura-admin-secret': secret ?? SECRET_PLACEHOLDER, 'x-hasura-role': 'admin' },
    null,
    2,
  );
}
