namespace StreamLearn.Mqtt;

/// <summary>Answers to packets that a server may send any number of times.</summary>
internal static class RepeatedAnswer
{
    /// <summary>Answers one. If the server takes no answers meanwhile, that is a fault.</summary>
    internal static bool TryAnswer(
        this OutputBuffer output, MqttVersion version, PacketType type, ushort packetId, MqttReason reason, out MqttFault fault)
    {
        fault = default;
        if (!output.TryRepeat())
        {
            fault = new(MqttReason.MessageRateTooHigh,
                $"expected a server that takes answers, it took none of {OutputBuffer.MaxRepeats}");
            return false;
        }

        PacketWriter.Ack(output, version, type, packetId, reason);
        return true;
    }
}
