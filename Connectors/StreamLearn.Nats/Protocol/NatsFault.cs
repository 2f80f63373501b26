namespace StreamLearn.Nats;

/// <summary>Why what came is refused. It holds no bytes of a message and no secrets.</summary>
/// <param name="Text">What was expected.</param>
/// <param name="IsOfMessage">True: only the subject, reply subject or headers of one message are at fault. That message has been cut off
/// whole, and what follows can be read. A server passes on what another client published without a look at it. False: the place in the
/// stream is lost, and the connection has to end.</param>
internal readonly record struct NatsFault(string Text, bool IsOfMessage);
