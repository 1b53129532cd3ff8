/**
 * How a KRPC connection begins: features, a SASL mechanism, PLAIN with a name and no password. Servers must have been
 * started with `--rpc_authentication=disabled` and `--rpc_encryption=disabled`. Source: src/kudu/rpc/client_negotiation.cc
 * and NegotiatePB of rpc_header.proto.
 */
import { bytesField, Message, message, messageField, varintField } from '../../wire/protobuf.ts';

const NEGOTIATE = 1;
const SASL_INITIATE = 2;
const SASL_SUCCESS = 0;
const PLAIN = 'PLAIN';

/** The first message: what this client can do. */
export function negotiateRequest(): Buffer {
  return message(varintField(1, 1), varintField(2, NEGOTIATE), messageField(7, messageField(1)));
}

/** The second: who it is. Any name may read and write; the name that the servers run under may also administer. */
export function saslRequest(user: string): Buffer {
  return message(
    varintField(2, SASL_INITIATE),
    messageField(4, bytesField(2, PLAIN)),
    bytesField(3, `\0${user}\0`),
  );
}

/** @throws NegotiationError when the server does not offer PLAIN */
export function checkNegotiateAnswer(body: Buffer): void {
  const answer = Message.read(body);
  const mechanisms = answer.messages(4).map((each) => each.text(2) ?? '');
  if (answer.number(2) === NEGOTIATE && mechanisms.includes(PLAIN)) return;
  throw new NegotiationError(`the server offers ${mechanisms.join(', ') || 'nothing'}, not PLAIN`);
}

/** @throws NegotiationError when the server does not take the name */
export function checkSaslAnswer(body: Buffer): void {
  const step = Message.read(body).number(2);
  if (step !== SASL_SUCCESS) {
    throw new NegotiationError(`SASL ended in step ${step ?? 'none'}, not in success`);
  }
}

/** The two could not agree on how to talk. */
export class NegotiationError extends Error {
  override readonly name = 'NegotiationError';
}
