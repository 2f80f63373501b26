namespace StreamLearn.Mqtt;

/// <summary>A message on its way to the application.</summary>
internal readonly record struct ReceivedMessage(
    Topic Topic, byte[] Payload, int Length, bool Retain, bool Duplicate, MessageProperties? Properties, long Sequence, long Id);
