using System.Diagnostics.Metrics;

namespace StreamLearn.Mqtt;

/// <summary>Instruments of the meter <c>StreamLearn.Mqtt</c> over all live transports. Static: a process has one meter per name.</summary>
internal static class MqttInstruments
{
    private static readonly LiveSet<MqttTransport> Transports = new();
    private static readonly Meter Meter = Create();

    internal static void Add(MqttTransport transport)
    {
        _ = Meter;
        Transports.Add(transport);
    }

    internal static void Remove(MqttTransport transport) => Transports.Remove(transport);

    private static Meter Create()
    {
        var meter = new Meter("StreamLearn.Mqtt");
        Gauge(meter, "streamlearn.mqtt.connected", "{connection}", "1 while the server has accepted a connection.",
            s => s.IsConnected ? 1 : 0);
        Gauge(meter, "streamlearn.mqtt.credit", "{message}", "Remaining credit for messages to or from the server.", s => s.Credit);
        Gauge(meter, "streamlearn.mqtt.in_flight", "{message}", "Unconfirmed or unacknowledged messages.", s => s.InFlight);
        Gauge(meter, "streamlearn.mqtt.waiting", "{message}", "Messages waiting to be sent or delivered.", s => s.Waiting);
        Count(meter, "streamlearn.mqtt.received", "{message}", "Messages taken.", s => s.Received);
        Count(meter, "streamlearn.mqtt.published", "{message}", "Messages published.", s => s.Published);
        Count(meter, "streamlearn.mqtt.without_subscriber", "{message}", "Messages published that had no subscriber.",
            s => s.WithoutSubscriber);
        Count(meter, "streamlearn.mqtt.redeliveries", "{message}", "Messages received or sent again.", s => s.Redeliveries);
        Count(meter, "streamlearn.mqtt.connects", "{connection}", "Connections that the server accepted.", s => s.Connects);
        Count(meter, "streamlearn.mqtt.losses", "{connection}", "Lost connections.", s => s.Losses);
        Count(meter, "streamlearn.mqtt.bytes_received", "By", "Bytes that came.", s => s.BytesReceived);
        Count(meter, "streamlearn.mqtt.bytes_sent", "By", "Bytes that were sent.", s => s.BytesSent);
        Count(meter, "streamlearn.mqtt.refused", "{message}", "Messages that the pipeline refused.", s => s.Refused);
        Count(meter, "streamlearn.mqtt.suspended_pings", "{ping}", "Pings without an answer in time.", s => s.SuspendedPings);
        meter.CreateObservableCounter("streamlearn.mqtt.drops", Drops, "{message}", "Messages dropped, by reason.");
        return meter;
    }

    private static void Count(Meter meter, string name, string unit, string description, Func<MqttSessionStatus, long> read) =>
        meter.CreateObservableCounter(name, () => Sessions().Select(s => new Measurement<long>(read(s.Session), Tags(s))),
            unit, description);

    private static void Gauge(Meter meter, string name, string unit, string description, Func<MqttSessionStatus, long> read) =>
        meter.CreateObservableGauge(name, () => Sessions().Select(s => new Measurement<long>(read(s.Session), Tags(s))), unit, description);

    private static IEnumerable<Measurement<long>> Drops() => Sessions().SelectMany(static s => new[]
    {
        new Measurement<long>(s.Session.Dropped, [.. Tags(s), new("reason", "over-credit")]),
        new Measurement<long>(s.Session.Oversized, [.. Tags(s), new("reason", "oversized")]),
    });

    private static KeyValuePair<string, object?>[] Tags((string Transport, MqttSessionStatus Session) of) =>
        [new("transport", of.Transport), new("session", of.Session.ClientId)];

    private static List<(string Transport, MqttSessionStatus Session)> Sessions() =>
    [
        .. from transport in Transports.ToArray()
           let status = transport.Status
           from session in status.Subscriptions.Prepend(status.Publishing)
           select (transport.Name, session),
    ];
}
