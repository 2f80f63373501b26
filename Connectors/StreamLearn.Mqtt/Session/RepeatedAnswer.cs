namespace StreamLearn.Mqtt;

internal static class RepeatedAnswer
{
    /// <summary>Returns a fault if the server does not read replies.</summary>
    internal static bool TryAnswer(
        this OutputBuffer output, MqttVersion version, PacketType type, ushort packetId, MqttReason reason, out MqttFault fault)
    {
        fault = default;
        if (!output.TryRepeat())
        {
            fault = new(MqttReason.MessageRateTooHigh,
                $"expected the server to read acknowledgments, but it read none of {OutputBuffer.MaxRepeats}");
            return false;
        }

        PacketWriter.Ack(output, version, type, packetId, reason);
        return true;
    }
}
