using StreamLearn;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>Where the members of a fleet find each other by its name: programs give signs there, twice a second, and hear those of
/// others.</summary>
/// <param name="link">The server, and the name of the fleet.</param>
/// <param name="hear">Told of each sign that comes, the own ones too.</param>
internal sealed class FleetMeeting(TauLink link, Action<FleetSign> hear) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromMilliseconds(300);

    private readonly ITransport _transport = link.Open();
    private readonly Topic _topic = TauTopics.MeetingOf(link.Fleet);
    private readonly SemaphoreSlim _atOnce = new(0, 1);
    private FleetSign? _sign;       // null: it says nothing
    private long _given;

    /// <summary>The sign that is given; null: none is.</summary>
    internal FleetSign? Sign => Volatile.Read(ref _sign);

    /// <summary>True if there is a connection to the server.</summary>
    internal bool IsConnected => EdgeServer.IsConnected(_transport);

    /// <summary>Why there is none, for people.</summary>
    internal string Fault => EdgeServer.LastFault(_transport) is { Length: > 0 } known ? known.ReplaceLineEndings(" ") : "no answer";

    /// <summary>Gives another sign from now on.</summary>
    /// <param name="sign">The sign; null: none.</param>
    internal void Give(FleetSign? sign)
    {
        Volatile.Write(ref _sign, sign);
        GiveAtOnce();
    }

    /// <summary>Gives the sign again without waiting for its time.</summary>
    internal void GiveAtOnce()
    {
        lock (_atOnce)
        {
            if (_atOnce.CurrentCount == 0) { _atOnce.Release(); }
        }
    }

    /// <summary>Gives signs and hears those of others until it is to end.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TransportException">The server refuses.</exception>
    internal Task RunAsync(CancellationToken cancellationToken) => FirstDone.OfAsync(cancellationToken, HearAsync, GiveAsync);

    /// <summary>Gives a last sign, if the server takes it soon.</summary>
    /// <param name="sign">The sign.</param>
    internal async Task LeaveAsync(FleetSign sign)
    {
        using var patience = new CancellationTokenSource(TimeToLeave, TimeProvider.System);
        await PublishAsync(sign, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync().ConfigureAwait(false);
        _atOnce.Dispose();
    }

    private async Task HearAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _transport.SubscribeAsync(_topic, new() { Durable = false }, cancellationToken).ConfigureAwait(false))
        {
            FleetSign? sign;
            using (message)
            {
                sign = Envelope.TryRead(message.Payload, out _, out var payload, out _) ? FleetSign.Read(payload) : null;
                message.Acknowledge();
            }

            if (sign is not null) { hear(sign); }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task GiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Sign is { } sign) { await PublishAsync(sign, cancellationToken).ConfigureAwait(false); }
            await _atOnce.WaitAsync(Every, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task PublishAsync(FleetSign sign, CancellationToken cancellationToken)
    {
        PublishOptions options = new(new(sign.Program, Interlocked.Increment(ref _given)));
        var bytes = Envelope.Seal(_topic, new(sign.ToBytes()), options, TimeProvider.System.GetUtcNow());
        return _transport.PublishAsync(_topic, bytes, options, cancellationToken).AsTask();
    }
}
