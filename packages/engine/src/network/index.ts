/**
 * Which addresses the engine itself may call: webhooks, remote schemas, key sets. In: the operator's setting. Out: a question that is asked for the very
 * address that a connection goes to, after names are resolved, so that a name cannot change its meaning in between.
 */
export { type AddressRule, addressRule, allAddresses, parseAddressRule } from './address-rule.ts';
