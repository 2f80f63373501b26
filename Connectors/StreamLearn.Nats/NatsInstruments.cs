using System.Diagnostics.Metrics;

namespace StreamLearn.Nats;

/// <summary>Instruments of meter <c>StreamLearn.Nats</c> over all live transports.</summary>
internal static class NatsInstruments
{
    private static readonly LiveSet<NatsTransport> Transports = new();
    private static readonly Meter Meter = Create();

    internal static void Add(NatsTransport transport)
    {
        _ = Meter;
        Transports.Add(transport);
    }

    internal static void Remove(NatsTransport transport) => Transports.Remove(transport);

    private static Meter Create()
    {
        var meter = new Meter("StreamLearn.Nats");
        Gauge(meter, "connected", "{connection}", "Connected transports.", static s => s.IsConnected ? 1 : 0);
        Gauge(meter, "unconfirmed", "{message}", "Messages not yet confirmed by a stream.", static s => s.Unconfirmed);
        Count(meter, "connects", "{connection}", "Accepted connections.", static s => s.Connects);
        Count(meter, "losses", "{connection}", "Lost connections.", static s => s.Losses);
        Count(meter, "published", "{message}", "Messages sent, including requests and repetitions.", static s => s.Published);
        Count(meter, "repeated", "{message}", "Messages sent to a stream again.", static s => s.Repeated);
        Count(meter, "untaken", "{message}", "Messages to streams that no stream stored.", static s => s.Untaken);
        Count(meter, "slow_consumer", "{fault}", "Times that a server reported this client as a slow consumer.",
            static s => s.SlowConsumer);
        Count(meter, "bytes_received", "By", "Bytes of received payloads.", static s => s.BytesReceived);
        Count(meter, "bytes_sent", "By", "Bytes of sent payloads.", static s => s.BytesSent);
        meter.CreateObservableGauge("streamlearn.nats.waiting", () => OfSubscriptions(static s => s.Waiting), "{message}",
            "Messages waiting for delivery.");
        meter.CreateObservableGauge("streamlearn.nats.held", () => OfSubscriptions(static s => s.Held), "{message}",
            "Messages in a pipeline.");
        meter.CreateObservableCounter("streamlearn.nats.received", () => OfSubscriptions(static s => s.Received), "{message}",
            "Messages that came.");
        meter.CreateObservableCounter("streamlearn.nats.redeliveries", () => OfSubscriptions(static s => s.Again), "{message}",
            "Duplicates, which were not delivered.");
        meter.CreateObservableCounter("streamlearn.nats.silences", () => OfSubscriptions(static s => s.Silences), "{fault}",
            "Times that a server was silent for too long.");
        meter.CreateObservableCounter("streamlearn.nats.drops", Drops, "{message}",
            "Messages dropped, by reason: over-credit (no space) or malformed (unreadable).");
        return meter;
    }

    private static void Count(Meter meter, string name, string unit, string description, Func<NatsStatus, long> read) =>
        meter.CreateObservableCounter($"streamlearn.nats.{name}", () => OfTransports(read), unit, description);

    private static void Gauge(Meter meter, string name, string unit, string description, Func<NatsStatus, long> read) =>
        meter.CreateObservableGauge($"streamlearn.nats.{name}", () => OfTransports(read), unit, description);

    /// <summary>Sums over transports of the same servers, because no tag separates them.</summary>
    private static IEnumerable<Measurement<long>> OfTransports(Func<NatsStatus, long> read) =>
        from transport in Transports.ToArray()
        group read(transport.Status) by transport.Name into same
        select new Measurement<long>(same.Sum(), new KeyValuePair<string, object?>("transport", same.Key));

    private static IEnumerable<Measurement<long>> OfSubscriptions(Func<NatsSubscriptionStatus, long> read, string? reason = null) =>
        from transport in Transports.ToArray()
        from status in transport.Status.Subscriptions
        group read(status) by (transport.Name, status.Filter) into same
        select new Measurement<long>(same.Sum(), Tags(same.Key.Name, same.Key.Filter, reason));

    private static IEnumerable<Measurement<long>> Drops() =>
        OfSubscriptions(static s => s.Dropped, "over-credit").Concat(OfSubscriptions(static s => s.Malformed, "malformed"));

    private static KeyValuePair<string, object?>[] Tags(string transport, string filter, string? reason) => reason is null
        ? [new("transport", transport), new("filter", filter)]
        : [new("transport", transport), new("filter", filter), new("reason", reason)];
}
