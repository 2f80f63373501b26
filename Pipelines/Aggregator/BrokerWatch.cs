using System.Globalization;
using StreamLearn.Mqtt;

namespace Aggregator;

/// <summary>Warns at most once a minute that the broker refuses connections above its limit.</summary>
internal sealed class BrokerWatch(MqttBroker broker, int maxConnections, Action<string> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long _refused;
    private long? _saidAt;

    internal void Look()
    {
        var refused = broker.Status.ConnectionsRefused;
        if (refused == _refused || (_saidAt is { } at && TimeProvider.System.GetElapsedTime(at) < Pause)) { return; }
        say(string.Create(CultureInfo.InvariantCulture, $"the broker has refused {refused:N0} connections: the limit ")
            + string.Create(CultureInfo.InvariantCulture, $"'broker.max_connections' is {maxConnections:N0}, and half of that for a "
                + $"login; ")
            + "a device needs three connections");
        (_refused, _saidAt) = (refused, TimeProvider.System.GetTimestamp());
    }
}
