export {
  v4l2EventQueue,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
  v4l2SrcChangeEventSubscribe,
  v4lDqevent,
  v4lUndqevent,
} from './event.ts';
export { V4l2FhEvents } from './fh-events.ts';
export { V4l2SubscribedEvent, type V4l2SubscribedEventOps } from './subscription.ts';
