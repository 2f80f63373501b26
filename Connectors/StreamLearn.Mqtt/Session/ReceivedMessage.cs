namespace StreamLearn.Mqtt;

internal readonly record struct ReceivedMessage(
    Topic Topic, byte[] Payload, int Length, bool Retain, bool Duplicate, MessageProperties? Properties, long Sequence, long Id);
