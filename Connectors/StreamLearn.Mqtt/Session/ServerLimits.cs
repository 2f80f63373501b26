namespace StreamLearn.Mqtt;

/// <summary>What a server has said that it takes.</summary>
internal readonly record struct ServerLimits(
    int ReceiveMaximum, byte MaximumQos, bool RetainAvailable, long MaximumPacketBytes, ushort TopicAliasMaximum, bool Wildcards = true,
    bool SharedSubscriptions = true)
{
    internal static ServerLimits None { get; } = new(65_535, 2, true, uint.MaxValue, 0);
}
