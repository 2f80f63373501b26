namespace StreamLearn.Mqtt;

internal static class OptionsCheck
{
    internal static void Check(MqttOptions options)
    {
        if (options.Server.Scheme is not ("mqtt" or "mqtts" or "ws" or "wss"))
        {
            throw new ArgumentException(
                $"expected a Server such as mqtt://host:1883 (or mqtts, ws, wss), got the scheme '{options.Server.Scheme}'",
                nameof(options));
        }

        if (options.Server.Host.Length == 0 || options.Server.Port == 0)
        {
            throw new ArgumentException("expected a server with a host and, if it has one, a port of 1 to 65535", nameof(options));
        }

        if (options.Version is not (MqttVersion.V311 or MqttVersion.V5))
        {
            throw new ArgumentException("expected MQTT 3.1.1 or 5.0", nameof(options));
        }

        if (options.ClientId.Length > 60) { throw new ArgumentException("expected a ClientId of at most 60 characters", nameof(options)); }
        if (!PacketText.IsText(options.ClientId))
        {
            throw new ArgumentException("expected a ClientId without U+0000 and unpaired surrogates", nameof(options));
        }

        if (options.Will is { } will) { Check(will); }
        _ = Connector.Credentials(options.Server);
        InRange(options.SubscribeQos, 0, 2, nameof(options.SubscribeQos));
        InRange(options.PublishQos, 0, 2, nameof(options.PublishQos));
        InRange(options.MaxInFlight, 1, 65535, nameof(options.PublishInFlight));
        InRange(options.MaximumPacketBytes, 64, int.MaxValue, nameof(options.MaximumPacketBytes));
        InRange(options.KeepAlive.TotalSeconds, 1, 64_800, nameof(options.KeepAlive));
        InRange(options.ConnectDeadline.TotalSeconds, 0.001, 86_400, nameof(options.ConnectDeadline));
        InRange(options.ReplyDeadline.TotalSeconds, 0.001, 86_400, nameof(options.ReplyDeadline));
        InRange(options.InitialReconnectDelay.TotalSeconds, 0.001, 86_400, nameof(options.InitialReconnectDelay));
        InRange(options.MaxReconnectDelay.TotalSeconds, 0.001, 86_400, nameof(options.MaxReconnectDelay));
        InRange(options.SessionExpiry.TotalSeconds, 0, uint.MaxValue, nameof(options.SessionExpiry));
    }

    private static void Check(MqttWill will)
    {
        if (will.Topic.Value is null || will.Topic.IsFilter)
        {
            throw new ArgumentException($"expected a will's topic without wildcards, got '{will.Topic}' [MQTT-3.1.3-11]");
        }

        InRange(will.Qos, 0, 2, nameof(will.Qos));
        InRange(will.Payload.Length, 0, ushort.MaxValue, nameof(will.Payload));
        InRange(will.Delay.TotalSeconds, 0, uint.MaxValue, nameof(will.Delay));
    }

    private static void InRange(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most)) { throw new ArgumentOutOfRangeException(name, value, $"expected {least} to {most}"); }
    }
}
