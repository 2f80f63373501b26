namespace StreamLearn.Mqtt;

internal static class SessionStatus
{
    /// <summary>Call it while holding the session's lock. <paramref name="filter"/>: null if the session publishes.</summary>
    internal static MqttSessionStatus Of(Session session, string? filter, string lastFault)
    {
        var (options, counters, inbox, outbox) = (session.Options, session.Counters, session.Inbox, session.Outbox);
        return new()
        {
            ClientId = options.ClientId,
            Filter = filter,
            IsConnected = session.State == SessionState.Connected,
            MaxPacketBytes = outbox.MaxPacketBytes,
            Credit = filter is null ? outbox.Credit : Math.Max(options.Capacity - inbox.Taken, 0),
            InFlight = filter is null ? outbox.InFlight : inbox.Taken,
            Waiting = filter is null ? outbox.Waiting : inbox.Waiting,
            Received = counters.Received,
            Published = counters.Published,
            WithoutSubscriber = counters.WithoutSubscriber,
            Redeliveries = counters.RedeliveriesIn + counters.RedeliveriesOut,
            Connects = counters.Connects,
            Losses = counters.Losses,
            BytesReceived = counters.BytesIn,
            BytesSent = counters.BytesOut,
            GrantedQos = filter is not null && session.Filters.Answer(filter) is { } answer and < MqttReason.UnspecifiedError
                ? (int)answer : null,
            Dropped = counters.OverCredit,
            Oversized = counters.Oversized,
            Refused = counters.Refused,
            SuspendedPings = counters.SuspendedPings,
            LastFault = lastFault,
        };
    }
}
