/**
 * Delivering events to webhooks: what event triggers and scheduled triggers share. In: what is to be sent where, how often it was tried, the rule for
 * trying again. Out: one attempt with the record of it, what becomes of the event, and a loop that works off what is due with a bound on everything.
 * Promises that an event is given up only by the rule, and that stopping ends calls in flight or gives the events back. Nothing here knows a table.
 * Source: spec/events.md A4, A5, B4.
 */
export { attemptDelivery } from './attempt-delivery.ts';
export { BatchWriter } from './batch-writer.ts';
export { DeliveryLoop, type DeliveryLoopOptions } from './delivery-loop.ts';
export { describeAttempt } from './describe-attempt.ts';
export { missingVariables } from './make-request.ts';
export { nextStep } from './next-step.ts';
export { Slots } from './slots.ts';
export type {
  Attempt,
  Delivery,
  DeliveryServices,
  Invocation,
  NextStep,
  RetryRule,
  WebhookAddress,
} from './types.ts';
